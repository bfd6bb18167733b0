import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { Readable } from "node:stream";
import { AppError } from "./app-error.ts";
import { gitEnvironment, gitOptions, type GitTrust } from "./git-environment.ts";

export interface GitOptions {
  /** The repository's top level. git does not look for one in the directories above it, unless `discover`. */
  cwd?: string;
  discover?: boolean;
  /** A bare repository, instead of `cwd`. */
  gitDir?: string;
  /** Added to the safe environment. */
  env?: Record<string, string>;
  trust?: GitTrust;
  input?: Readable | Buffer | string;
  /** Gives up when git neither reads nor writes anything for so long. Long transfers need `--progress`. */
  timeoutMs?: number;
  /** Gives up after so long, progress or not. */
  deadlineMs?: number;
  /** Exit codes besides 0 that are answers, not failures. */
  allowExit?: number[];
  /** Ends git, and all it started, when aborted. */
  signal?: AbortSignal | undefined;
  /** Takes what git tells a human (standard error), as it comes. */
  onMessages?: ((text: string) => void) | undefined;
}

export interface GitRunOptions extends GitOptions {
  maxOutputBytes?: number;
}

export interface GitStreamOptions extends GitOptions {
  /** Takes each piece of standard output; "stop" ends git early, which is no failure. */
  onOutput: (chunk: Buffer) => "stop" | undefined;
}

export interface GitResult {
  stdout: string;
  stderr: string;
  exitCode: number;
}

export type Git = ReturnType<typeof createGit>;

const DEFAULT_TIMEOUT_MS = 120_000;
const DEFAULT_OUTPUT_BYTES = 32 * 1024 * 1024;
const STDERR_BYTES = 64 * 1024;

/**
 * The only way the server starts git: argument arrays, no shell, a closed environment, no hooks (see git-environment).
 * `env` is what the safe environment is taken from; the process's own by default.
 */
export function createGit(deps: { env?: NodeJS.ProcessEnv } = {}) {
  /** Runs git and hands its output out piece by piece. Throws `git.failed` with git's own last lines. */
  async function stream(args: string[], options: GitStreamOptions): Promise<Omit<GitResult, "stdout">> {
    const trust = options.trust ?? "isolated";
    // A process group of its own: no terminal that ssh could ask on, and git's helpers end with it.
    const child = spawn("git", [...gitOptions(trust), ...place(options), ...args], {
      cwd: options.cwd ?? options.gitDir,
      env: { ...gitEnvironment(deps.env ?? process.env, trust), ...ceiling(options), ...options.env },
      detached: true,
      stdio: ["pipe", "pipe", "pipe"],
    });
    let stderr = "";
    let abortedBy: string | undefined;
    let stopped = false;
    let inputError: unknown;

    const kill = () => {
      if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
      try {
        process.kill(-child.pid, "SIGKILL");
      } catch {
        child.kill("SIGKILL");
      }
    };
    const abort = (why: string) => {
      abortedBy ??= why;
      kill();
    };
    const cancel = () => abort("cancelled");
    options.signal?.addEventListener("abort", cancel);
    if (options.signal?.aborted) cancel();
    const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    const idle = setTimeout(() => abort(`no progress for ${timeoutMs / 1000} s`), timeoutMs);
    const deadline = options.deadlineMs
      ? setTimeout(() => abort(`not done after ${(options.deadlineMs ?? 0) / 1000} s`), options.deadlineMs)
      : undefined;

    child.stderr.on("data", (chunk: Buffer) => {
      idle.refresh();
      const text = chunk.toString("utf8");
      stderr = (stderr + text).slice(-STDERR_BYTES);
      options.onMessages?.(text);
    });
    child.stdout.on("data", (chunk: Buffer) => {
      idle.refresh();
      if (stopped || options.onOutput(chunk) !== "stop") return;
      stopped = true;
      kill();
    });
    // git may end before it read all of its input; what that means is said by its exit code.
    child.stdin.on("error", () => undefined);
    if (options.input instanceof Readable) {
      options.input.on("data", () => idle.refresh());
      options.input.on("error", (error) => {
        inputError = error;
        kill();
      });
      options.input.pipe(child.stdin);
    } else {
      child.stdin.end(options.input ?? "");
    }

    try {
      const exitCode = await new Promise<number>((resolve, reject) => {
        child.once("error", (error) => reject(startFailure(error, options.cwd ?? options.gitDir)));
        child.once("close", (code) => resolve(code ?? -1));
      });
      if (inputError) throw new AppError("git.failed", `git ${args[0]} lost its input.`, { cause: inputError });
      if (abortedBy) throw failure(args, `${abortedBy}; ended`, exitCode);
      if (stopped || exitCode === 0 || options.allowExit?.includes(exitCode)) {
        return { exitCode: stopped ? 0 : exitCode, stderr };
      }
      throw failure(args, lastLines(stderr) || `exit code ${exitCode}`, exitCode);
    } finally {
      clearTimeout(idle);
      clearTimeout(deadline);
      options.signal?.removeEventListener("abort", cancel);
    }
  }

  return {
    stream,

    /** A variable of the environment that git's is taken from. */
    variable: (name: string): string | undefined => (deps.env ?? process.env)[name],

    /** Runs git to its end. `stdout` is UTF-8 text, at most `maxOutputBytes` (32 MiB) of it, else `git.failed`. */
    async run(args: string[], options: GitRunOptions = {}): Promise<GitResult> {
      const limit = options.maxOutputBytes ?? DEFAULT_OUTPUT_BYTES;
      const chunks: Buffer[] = [];
      let size = 0;
      const { exitCode, stderr } = await stream(args, {
        ...options,
        onOutput: (chunk) => {
          size += chunk.length;
          if (size > limit) return "stop";
          chunks.push(chunk);
          return undefined;
        },
      });
      if (size > limit) throw failure(args, `its output is over ${limit} bytes`, exitCode);
      return { stdout: Buffer.concat(chunks).toString("utf8"), stderr, exitCode };
    },
  };
}

function place(options: GitOptions): string[] {
  return options.gitDir === undefined ? [] : [`--git-dir=${options.gitDir}`];
}

function ceiling(options: GitOptions): Record<string, string> {
  if (options.cwd === undefined || options.discover) return {};
  return { GIT_CEILING_DIRECTORIES: dirname(options.cwd) };
}

function startFailure(error: NodeJS.ErrnoException, cwd: string | undefined): AppError {
  if (cwd !== undefined && !existsSync(cwd)) {
    return new AppError("git.failed", `The directory ${cwd} is gone.`, { cause: error });
  }
  const hint = error.code === "ENOENT" ? "git was not found: install it and start again." : "git could not be started.";
  return new AppError("git.failed", hint, { cause: error });
}

function failure(args: string[], why: string, exitCode: number): AppError {
  return new AppError("git.failed", `git ${args[0]} failed: ${why}`, { details: { exitCode, reason: why } });
}

/** The last lines git wrote for a human, without its progress meters. */
function lastLines(stderr: string): string {
  return stderr
    .split(/[\r\n]+/)
    .map((line) => line.trimEnd())
    .filter((line) => line !== "" && !/\d+%|^(remote: )?(Enumerating|Counting|Compressing) objects/.test(line))
    .slice(-8)
    .join("\n");
}
