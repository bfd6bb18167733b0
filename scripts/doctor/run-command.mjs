import { execFile } from "node:child_process";

/**
 * @typedef {{ code: number, stdout: string, stderr: string }} Answer `code` is 127 where there is no such program
 */

/**
 * Runs a program and gives what it answered; never rejects.
 * @param {[string, ...string[]]} command program and arguments
 * @param {{ env: Record<string, string>, cwd?: string, timeoutMs?: number }} options
 * @returns {Promise<Answer>}
 */
export function runCommand([program, ...args], { env, cwd, timeoutMs = 30_000 }) {
  return new Promise((resolve) => {
    execFile(program, args, { env, cwd, timeout: timeoutMs, maxBuffer: 2 ** 24 }, (error, stdout, stderr) => {
      const missing = error !== null && error.code === "ENOENT";
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : 1;
      resolve({ code: missing ? 127 : code, stdout, stderr: error?.killed ? "it did not answer in time" : stderr });
    });
  });
}
