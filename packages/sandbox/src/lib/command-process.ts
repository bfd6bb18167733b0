import { spawn } from "node:child_process";

export interface CommandResult {
  exitCode: number;
  stdout: string;
  stderr: string;
}

export interface CommandOptions {
  cwd?: string;
  env?: Record<string, string | undefined>;
  input?: string;
  onStderr?: (text: string) => void;
}

/** Runs a program with an argument array, never through a shell; resolves with its exit code and output. */
export function runCommand(
  command: string,
  args: readonly string[],
  { cwd, env, input, onStderr }: CommandOptions = {},
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ["pipe", "pipe", "pipe"] });
    const stdout: Buffer[] = [];
    let stderr = "";
    child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
      onStderr?.(text);
    });
    child.on("error", reject);
    child.on("close", (code, signal) => {
      const exitCode = code ?? 128 + (signal ? 9 : 0);
      resolve({ exitCode, stdout: Buffer.concat(stdout).toString("utf8"), stderr });
    });
    // A child that does not read its input closes the pipe; its exit code tells the rest.
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
  });
}
