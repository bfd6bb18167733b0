import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { runMain } from "../processes/failure.mjs";
import { readSettings, ROOT } from "../processes/settings.mjs";
import { runStage } from "./run-stage.mjs";
import { selectStages } from "./stages.mjs";

const TAIL_LINES = 60;
const FAILURE_LINES = 40;

/**
 * Behind `scripts/test.sh`: runs the stages, says one line about each, shows which tests failed and why (the end of the log
 * where there is no telling), goes on with what does not depend on it, and ends with the sum.
 */
await runMain(async () => {
  const stages = selectStages(process.argv.slice(2));
  const outputDir = join(ROOT, ".cache", "tests");
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"]))
    process.on(signal, () => process.exit(130));
  // Keys and settings of this checkout's .env are no matter of the tests, its certificates are.
  const { NODE_EXTRA_CA_CERTS } = readSettings(ROOT, process.env).env;
  const env = { ...process.env, NODE_EXTRA_CA_CERTS, NEXT_TELEMETRY_DISABLED: "1" };
  /** @type {Set<string>} */
  const broken = new Set();
  let passed = 0;
  let failed = 0;
  for (const stage of stages) {
    const missing = stage.needs.find((need) => broken.has(need));
    if (missing !== undefined) {
      broken.add(stage.name);
      // What never ran is a failure too, but a set-up that was not tried is told by the stage that wanted it.
      if (stage.kind !== "set-up") failed += 1;
      console.log(`✗ ${stage.name}: not run, because "${missing}" failed`);
      continue;
    }
    const result = await runStage(stage, { root: ROOT, outputDir, env });
    failed += result.failed;
    if (stage.kind !== "set-up") passed += result.passed;
    if (result.failed > 0) broken.add(stage.name);
    report(stage, result);
  }
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
});

/** @param {import("./stages.mjs").Stage} stage @param {import("./run-stage.mjs").StageResult} result */
function report(stage, result) {
  const seconds = `${result.seconds.toFixed(1)} s`;
  const skipped = result.skipped > 0 ? `, ${result.skipped} skipped` : "";
  const counts = stage.kind === "tests" ? ` ${result.passed} passed, ${result.failed} failed${skipped},` : "";
  if (result.failed === 0) {
    console.log(`✓ ${stage.name}:${counts} ${seconds}`);
    return;
  }
  const limit = result.timedOut ? ` ended after its limit of ${stage.limitMs / 60_000} min,` : "";
  const log = relative(ROOT, result.logFile);
  if (result.failures.length > 0 && !result.timedOut) {
    console.log(`✗ ${stage.name}:${counts} ${seconds}; all of it in ${log}:`);
    for (const { title, message } of result.failures) {
      console.log(`  ✗ ${title}`);
      for (const line of linesOf(message).slice(0, FAILURE_LINES)) console.log(`  │ ${line}`);
    }
    return;
  }
  console.log(`✗ ${stage.name}:${counts}${limit} ${seconds}; the end of ${log}:`);
  for (const line of linesOf(readFileSync(result.logFile, "utf8")).slice(-TAIL_LINES)) console.log(`  │ ${line}`);
}

/** @param {string} text */
function linesOf(text) {
  return stripVTControlCharacters(text).trimEnd().split("\n");
}
