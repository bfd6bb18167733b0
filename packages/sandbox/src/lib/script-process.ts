import { type ChildProcess, spawn } from "node:child_process";
import { accessSync, closeSync, constants, openSync, readSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

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
  /** Ends it and all it started, also what it left running when it ended by itself: asked first, then by force. */
  stop(): Promise<ScriptEnd>;
}

const GRACE_MS = 5_000;
/** What a script printed last may still be on its way when it ends; what it left running prints for ever. */
const LAST_WORDS_MS = 300;
/** Nothing tells when the last process of a group ends. */
const LOOK_MS = 50;

/** Runs a script as a process group of its own, by its `#!` line where it is executable, else with bash. */
export function startScript(order: ScriptOrder): RunningScript {
  const { file, cwd, env, onOutput, silenceMs, graceMs = GRACE_MS } = order;
  const [command, ...args] = namesItsProgram(file) ? [file] : ["bash", file];
  const child = spawn(command ?? "bash", args, { cwd, env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  let why: ScriptEnd["why"] = "exited";
  let ending: Promise<void> | undefined;

  const end = (cause: "silent" | "stopped"): void => {
    if (why === "exited" && !hasExited(child)) why = cause;
    ending ??= endGroup(child, graceMs);
  };
  // What it left running may be silent: only the script itself is held to speak.
  const onSilence = (): void => {
    if (!hasExited(child)) end("silent");
  };
  const silence = silenceMs === undefined ? undefined : setTimeout(onSilence, silenceMs);
  const hear = (text: string): void => {
    silence?.refresh();
    onOutput(text);
  };
  child.stdout.setEncoding("utf8").on("data", hear);
  child.stderr.setEncoding("utf8").on("data", hear);

  const ended = new Promise<ScriptEnd>((resolve) => {
    const finish = async (exitCode: number | null): Promise<void> => {
      clearTimeout(silence);
      // One that was ended takes what it started along.
      await ending;
      resolve({ exitCode, why });
    };
    child.on("error", (error) => {
      onOutput(`${error.message}\n`);
      void finish(null);
    });
    child.on("exit", (code) => {
      const late = setTimeout(() => void finish(code), LAST_WORDS_MS);
      child.once("close", () => {
        clearTimeout(late);
        void finish(code);
      });
    });
  });

  return {
    ended,
    async stop() {
      end("stopped");
      await ending;
      return ended;
    },
  };
}

/** Asks all of the group to end, and ends by force what is there after the grace. Resolves when it is gone. */
async function endGroup(child: ChildProcess, graceMs: number): Promise<void> {
  if (!signalGroup(child, "SIGTERM")) return;
  if (await isGone(child, graceMs)) return;
  signalGroup(child, "SIGKILL");
  await isGone(child, LAST_WORDS_MS);
}

async function isGone(child: ChildProcess, limitMs: number): Promise<boolean> {
  const until = performance.now() + limitMs;
  while (signalGroup(child, 0)) {
    if (performance.now() >= until) return false;
    await delay(LOOK_MS);
  }
  return true;
}

/** False where nothing of the group is left. */
function signalGroup(child: ChildProcess, signal: NodeJS.Signals | 0): boolean {
  if (child.pid === undefined) return false;
  // Once the script itself is gone, a process of its number is a stranger's: as long as the group lives, none can be.
  if (hasExited(child) && signalled(child.pid, 0)) return false;
  return signalled(-child.pid, signal);
}

function signalled(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

function hasExited({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
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
