import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { ROOT } from "../processes/settings.mjs";

export interface StandIn {
  /** Of a session with 5,000 changed files and one diff of 50,000 lines, with the token. */
  sessionUrl: string;
  stop: () => Promise<void>;
}

/** Long enough for a busy machine: only what would never answer is given up. */
const READY_WITHIN_MS = 120_000;
const LAST_LINES = 40;

const WEB = join(ROOT, "packages/web");

/** Serves the built page on a stand-in for the API, both on free ports. Throws where the page is not built. */
export async function startPage(): Promise<StandIn> {
  const api = startProcess({
    args: ["--import", "tsx", "src/testing/fake-api-main.ts", "--large"],
    ...{ cwd: WEB, env: { PORT: "0" } },
    ready: /Fake API on (\S+), session (\S+): .*#token=(\S+)/,
  });
  let stop = api.stop;
  try {
    const [apiUrl = "", session = "", token = ""] = await api.ready;
    const web = startProcess({
      args: [join(ROOT, "node_modules/next/dist/bin/next"), "start", "-H", "127.0.0.1", "-p", "0"],
      ...{ cwd: WEB, env: { API_URL: apiUrl, NEXT_TELEMETRY_DISABLED: "1" } },
      ready: /Local:\s+http:\/\/[^:]+:(\d+)/,
    });
    stop = async () => void (await Promise.all([api.stop(), web.stop()]));
    const [port = ""] = await web.ready;
    return { sessionUrl: `http://localhost:${port}/sessions/${session}#token=${token}`, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

export interface ReadyProcessOrder {
  args: string[];
  cwd: string;
  env: Record<string, string>;
  /** What it prints in one line once it is ready. */
  ready: RegExp;
  readyWithinMs?: number;
}

/**
 * A Node process; `ready` is what it found in a line that it printed. Rejected with its last output where it ended or
 * could not be started before that, or did not say so in time; `stop` is to be called then, too.
 */
export function startProcess({ args, cwd, env, ready, readyWithinMs = READY_WITHIN_MS }: ReadyProcessOrder) {
  const child = spawn(process.execPath, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const lines: string[] = [];
  const found = new Promise<string[]>((resolve, reject) => {
    const fail = (what: string): void => {
      const output = lines.length === 0 ? "It printed nothing." : lines.slice(-LAST_LINES).join("\n");
      reject(new Error(`${args.join(" ")} ${what} Is the page built (npm run build)?\n${output}`));
    };
    const limit = setTimeout(() => fail(`was not ready within ${readyWithinMs / 1000} s.`), readyWithinMs);
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on("line", (line) => {
        lines.push(line);
        const match = ready.exec(line);
        if (match) resolve(match.slice(1));
        if (match) clearTimeout(limit);
      });
    }
    child.once("error", (error) => fail(`could not be started: ${error.message}.`));
    // Not its exit: what it said last may still be on its way.
    child.once("close", (code, signal) => {
      clearTimeout(limit);
      fail(`ended (${signal ?? `exit code ${code}`}) before it was ready.`);
    });
  });
  // One that was never started does not exit.
  const ended = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });
  async function stop(): Promise<void> {
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM");
    await ended;
  }
  return { ready: found, stop };
}
