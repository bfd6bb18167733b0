import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { z } from "zod";

const Ready = z.object({ port: z.int() });

export interface ServerExit {
  code: number | null;
  signal: NodeJS.Signals | null;
  stderr: string;
}

export interface ServerProcess {
  /** Resolves with the port once it serves; with undefined where it ended before. */
  ready: Promise<number | undefined>;
  exited: Promise<ServerExit>;
  readonly running: boolean;
  signal(signal: NodeJS.Signals): void;
  /** Resident memory in bytes. */
  pid: number;
}

const KEPT_STDERR = 40_000;

/** Starts the server under test as a process of its own. */
export function startServerProcess(order: { bundle: string; env: Record<string, string> }): ServerProcess {
  const child: ChildProcess = spawn(process.execPath, [order.bundle], {
    env: { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "", ...order.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stderr = "";
  let exit: ServerExit | undefined;
  child.stderr?.on("data", (chunk: Buffer) => (stderr = (stderr + chunk.toString()).slice(-KEPT_STDERR)));
  const exited = new Promise<ServerExit>((resolve) => {
    child.once("close", (code, signal) => {
      exit = { code, signal, stderr };
      resolve(exit);
    });
  });
  const ready = new Promise<number | undefined>((resolve) => {
    if (child.stdout) createInterface(child.stdout).on("line", (line) => resolve(Ready.parse(JSON.parse(line)).port));
    void exited.then(() => resolve(undefined));
  });
  return {
    ready,
    exited,
    get running() {
      return exit === undefined;
    },
    signal: (signal) => child.kill(signal),
    pid: child.pid ?? 0,
  };
}
