import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { ROOT } from "../processes/settings.mjs";

export interface StandIn {
  /** Of a session with 5,000 changed files and one diff of 50,000 lines, with the token. */
  sessionUrl: string;
  stop: () => Promise<void>;
}

/** Serves the built page on a stand-in for the API, both on free ports. Throws where the page is not built. */
export async function startPage(): Promise<StandIn> {
  const api = startProcess({
    args: ["--import", "tsx", "src/testing/fake-api-main.ts", "--large"],
    env: { PORT: "0" },
    ready: /Fake API on (\S+), session (\S+): .*#token=(\S+)/,
  });
  const [apiUrl = "", session = "", token = ""] = await api.ready;
  const web = startProcess({
    args: [join(ROOT, "node_modules/next/dist/bin/next"), "start", "-H", "127.0.0.1", "-p", "0"],
    env: { API_URL: apiUrl, NEXT_TELEMETRY_DISABLED: "1" },
    ready: /Local:\s+http:\/\/[^:]+:(\d+)/,
  });
  const stop = async () => void (await Promise.all([api.stop(), web.stop()]));
  try {
    const [port = ""] = await web.ready;
    return { sessionUrl: `http://localhost:${port}/sessions/${session}#token=${token}`, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A Node process in the web package; `ready` is what it found in a line that it printed, or why it ended before. */
function startProcess({ args, env, ready }: { args: string[]; env: Record<string, string>; ready: RegExp }) {
  const child = spawn(process.execPath, args, {
    cwd: join(ROOT, "packages/web"),
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exited = once(child, "exit");
  const lines: string[] = [];
  const found = new Promise<string[]>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on("line", (line) => {
        lines.push(line);
        const match = ready.exec(line);
        if (match) resolve(match.slice(1));
      });
    }
    void exited.then(() =>
      reject(new Error(`It did not start. Is the page built (npm run build)?\n${lines.join("\n")}`)),
    );
  });
  async function stop(): Promise<void> {
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM");
    await exited;
  }
  return { ready: found, stop };
}
