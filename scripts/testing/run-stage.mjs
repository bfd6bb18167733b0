import { spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { signalGroup } from "../processes/process-identity.mjs";
import { findFailures } from "./find-failures.mjs";

/**
 * @typedef {import("./count-results.mjs").Counts & {
 *   seconds: number, logFile: string, timedOut: boolean, failures: import("./find-failures.mjs").Failure[],
 * }} StageResult
 */

/**
 * Runs one stage with all its output in a file under `outputDir`. Nothing it started is left when it ends.
 * @param {import("./stages.mjs").Stage} stage
 * @param {{ root: string, outputDir: string, env: NodeJS.ProcessEnv }} place
 * @returns {Promise<StageResult>}
 */
export async function runStage(stage, { root, outputDir, env }) {
  mkdirSync(outputDir, { recursive: true });
  const logFile = join(outputDir, `${stage.name}.log`);
  const resultFile = join(outputDir, `${stage.name}.json`);
  rmSync(resultFile, { force: true });
  const log = openSync(logFile, "w");
  const startedAt = Date.now();
  const [program = "", ...args] = stage.command;
  const reportArgs = stage.command.includes("--reporter=json") ? [`--outputFile.json=${resultFile}`] : [];
  const child = spawn(program, [...args, ...reportArgs], {
    cwd: root,
    env: { ...env, CI: "1", NO_COLOR: "1", FORCE_COLOR: undefined, ...stage.env?.(resultFile) },
    stdio: ["ignore", log, log],
    detached: true,
  });
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    end();
  }, stage.limitMs);
  const end = () => child.pid !== undefined && signalGroup(child.pid, "SIGKILL");
  process.once("exit", end);
  /** @type {number} */
  const exitCode = await new Promise((resolve) => {
    child.once("error", () => resolve(127));
    child.once("exit", (code) => resolve(code ?? 1));
  });
  clearTimeout(timer);
  process.off("exit", end);
  end();
  closeSync(log);
  const report = existsSync(resultFile) ? readFileSync(resultFile, "utf8") : undefined;
  const seconds = (Date.now() - startedAt) / 1000;
  return { ...stage.count(exitCode, report), seconds, logFile, timedOut, failures: findFailures(report) };
}
