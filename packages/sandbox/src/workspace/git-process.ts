import { runCommand, type CommandResult } from "../lib/command-process.ts";

export interface GitOptions {
  env?: Record<string, string>;
  input?: string;
  onStderr?: (text: string) => void;
  /** Exit codes other than 0 that are an answer, not a failure. */
  allowExit?: readonly number[];
}

export type Git = (args: readonly string[], options?: GitOptions) => Promise<CommandResult>;

/**
 * Git in one directory. Hooks, signing and file monitors are off: what saves the work must not run what the work
 * contains. Rejects with git's own last lines when it fails.
 */
export function createGit(cwd: string): Git {
  const config = [
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "commit.gpgSign=false",
    "-c",
    "core.fsmonitor=false",
    "-c",
    "gc.auto=0",
  ];
  return async (args, { env, allowExit = [], ...options } = {}) => {
    const result = await runCommand("git", [...config, ...args], {
      cwd,
      env: { GIT_TERMINAL_PROMPT: "0", GIT_EDITOR: "true", LC_ALL: "C.UTF-8", ...env },
      ...options,
    });
    if (result.exitCode !== 0 && !allowExit.includes(result.exitCode)) {
      const reason = result.stderr.trim().split("\n").slice(-5).join("\n");
      throw new Error(`git ${args[0] ?? ""} failed (exit ${result.exitCode}): ${reason || "no message"}`);
    }
    return result;
  };
}
