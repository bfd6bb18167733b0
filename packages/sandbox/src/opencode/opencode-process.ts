import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { markedTail } from "../lib/text-tail.ts";

const HEARD = 4096;
/** With what stands before it, it has to fit the report of a boot that failed. */
const TOLD = 3000;
const READY_LINE = "opencode server listening on";

export interface OpenCodeExit {
  /** Exit code, or the signal that ended it. */
  reason: string;
  /** Its last lines. */
  tail: string;
}

export interface OpenCodeProcess {
  url: string;
  pid: number | undefined;
  /** Resolves when the process is gone, for whatever reason. */
  exited: Promise<OpenCodeExit>;
  /** Ends the process and everything it started, at once: its sessions are in its database. */
  kill(): Promise<void>;
}

export interface OpenCodeProcessOrder {
  binary: string;
  cwd: string;
  env: Record<string, string>;
  onLog: (text: string) => void;
  readyTimeoutMs: number;
  /** Told before the process listens. */
  onSpawn?: (pid: number | undefined) => void;
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // The group is gone already.
  }
}

/**
 * Starts `opencode serve` as a process group of its own and resolves when it says that it listens: a request before
 * that is accepted and never answered. Rejects with its last lines when it ends or stays silent.
 */
export async function startOpenCodeProcess(order: OpenCodeProcessOrder): Promise<OpenCodeProcess> {
  const { binary, cwd, env, onLog, readyTimeoutMs } = order;
  const port = await findFreePort();
  const child = spawn(binary, ["serve", "--port", String(port), "--hostname", "127.0.0.1"], {
    cwd,
    env,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  order.onSpawn?.(child.pid);
  let tail = "";
  let length = 0;
  let onReady: () => void = () => undefined;
  const ready = new Promise<void>((resolve) => (onReady = resolve));
  const hear = (text: string) => {
    tail = (tail + text).slice(-HEARD);
    length += text.length;
    onLog(text);
    if (tail.includes(READY_LINE)) onReady();
  };
  child.stdout.setEncoding("utf8").on("data", hear);
  child.stderr.setEncoding("utf8").on("data", hear);
  const exited = new Promise<OpenCodeExit>((resolve) => {
    child.on("error", (error) => resolve({ reason: error.message, tail }));
    child.on("exit", (code, signal) => resolve({ reason: signal ?? `exit ${code ?? "unknown"}`, tail }));
  });
  const kill = async () => {
    signalGroup(child, "SIGKILL");
    await exited;
  };

  let timer: NodeJS.Timeout | undefined;
  const silent = new Promise<OpenCodeExit>((resolve) => {
    timer = setTimeout(() => resolve({ reason: `not ready after ${readyTimeoutMs / 1000} s`, tail }), readyTimeoutMs);
  });
  const failed = await Promise.race([ready, exited, silent]);
  clearTimeout(timer);
  if (failed) {
    await kill();
    throw new Error(`OpenCode did not start: ${failed.reason}\n${markedTail(failed.tail, TOLD, length)}`.trim());
  }
  return { url: `http://127.0.0.1:${port}`, pid: child.pid, exited, kill };
}
