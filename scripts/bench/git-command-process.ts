import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** git as a user has it, with an identity; rejects with what it said. */
export async function git(cwd: string, ...args: string[]): Promise<string> {
  const identity = ["-c", "user.name=Ada Example", "-c", "user.email=ada@example.org"];
  const { stdout } = await run("git", [...identity, ...args], { cwd, maxBuffer: 64 * 2 ** 20 });
  return stdout.trim();
}
