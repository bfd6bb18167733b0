import { type ChildProcess, spawn } from "node:child_process";
import { accessSync, closeSync, constants, openSync, readSync } from "node:fs";

export interface ScriptOrder {
  file: string;
  cwd: string;
  env: Record<string, string>;
  /** Takes what it prints, on either stream, as it comes. */
  onOutput: (text: string) => void;
  /** A script that prints nothing for so long is ended. */
  silenceMs?: number;
  /** Between asking it to end and ending it. */
  graceMs?: number;
}

export interface ScriptEnd {
  /** Null where a signal ended it. */
  exitCode: number | null;
  why: "exited" | "silent" | "stopped";
}

export interface RunningScript {
  ended: Promise<ScriptEnd>;
  /** Ends it and all it started: asked first, then by force. */
  stop(): Promise<ScriptEnd>;
}

const GRACE_MS = 5_000;
/** What a script printed last may still be on its way when it ends; what it left running prints for ever. */
const LAST_WORDS_MS = 300;

/** Runs a script as a process group of its own, by its `#!` line where it is executable, else with bash. */
export function startScript(order: ScriptOrder): RunningScript {
  const { file, cwd, env, onOutput, silenceMs, graceMs = GRACE_MS } = order;
  const [command, ...args] = namesItsProgram(file) ? [file] : ["bash", file];
  const child = spawn(command ?? "bash", args, { cwd, env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  let why: ScriptEnd["why"] = "exited";
  let force: NodeJS.Timeout | undefined;

  const end = (cause: "silent" | "stopped"): void => {
    if (why !== "exited" || child.exitCode !== null || child.signalCode !== null) return;
    why = cause;
    signalGroup(child, "SIGTERM");
    force = setTimeout(() => signalGroup(child, "SIGKILL"), graceMs);
  };
  const silence = silenceMs === undefined ? undefined : setTimeout(() => end("silent"), silenceMs);
  const hear = (text: string): void => {
    silence?.refresh();
    onOutput(text);
  };
  child.stdout.setEncoding("utf8").on("data", hear);
  child.stderr.setEncoding("utf8").on("data", hear);

  const ended = new Promise<ScriptEnd>((resolve) => {
    const finish = (exitCode: number | null): void => {
      clearTimeout(silence);
      clearTimeout(force);
      // One that was ended takes what it started along.
      if (why !== "exited") signalGroup(child, "SIGKILL");
      resolve({ exitCode, why });
    };
    child.on("error", (error) => {
      onOutput(`${error.message}\n`);
      finish(null);
    });
    child.on("exit", (code) => {
      const late = setTimeout(() => finish(code), LAST_WORDS_MS);
      child.once("close", () => {
        clearTimeout(late);
        finish(code);
      });
    });
  });

  return {
    ended,
    stop() {
      end("stopped");
      return ended;
    },
  };
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // The group is gone already.
  }
}

function namesItsProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    const handle = openSync(file, "r");
    const start = Buffer.alloc(2);
    readSync(handle, start);
    closeSync(handle);
    return start.toString("latin1") === "#!";
  } catch {
    return false;
  }
}
