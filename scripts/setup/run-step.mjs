import { spawn } from "node:child_process";
import { failure } from "../processes/failure.mjs";

/**
 * Runs one step of the set-up, its output passed through. Throws a `failure` with the step's exit code where it fails.
 * A signal to us ends the step too: nothing goes on in the background.
 * @param {{ command: string, args: string[], cwd: string, env: Record<string, string>, failed: string }} step
 * @returns {Promise<void>}
 */
export function runStep(step) {
  return new Promise((resolve, reject) => {
    const child = spawn(step.command, step.args, {
      cwd: step.cwd,
      env: step.env,
      stdio: ["ignore", "inherit", "inherit"],
    });
    /** @param {NodeJS.Signals} signal */
    const forward = (signal) => child.kill(signal);
    process.on("SIGINT", forward).on("SIGTERM", forward).on("SIGHUP", forward);
    const release = () => process.off("SIGINT", forward).off("SIGTERM", forward).off("SIGHUP", forward);
    child.once("error", (error) => {
      release();
      reject(failure(`${step.failed} (${error.message})`));
    });
    child.once("exit", (code, signal) => {
      release();
      if (code === 0) resolve();
      else if (signal === null) reject(failure(step.failed, code ?? 1));
      else reject(failure(`Stopped by ${signal}.`, 130));
    });
  });
}
