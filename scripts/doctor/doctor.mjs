import { parseArgs } from "node:util";
import { failure, runMain } from "../processes/failure.mjs";
import { ROOT } from "../processes/settings.mjs";
import { CHECKS } from "./checks.mjs";
import { readContext } from "./context.mjs";
import { formatFinding, summarize } from "./finding.mjs";
import { repairFindings } from "./repair-findings.mjs";

/** @typedef {import("./finding.mjs").Finding} Finding */

/**
 * `npm run doctor [-- --fix] [check …]`: says what is wrong with this installation and how to mend it; with `--fix`
 * mends what can be mended without harm, and what is named by its check also where it gives something up. Exits 0 where nothing keeps the system from working.
 */
await runMain(async () => {
  const { fix, names } = readArguments(process.argv.slice(2));
  const context = readContext(ROOT, process.env);
  /** @type {Finding[]} */
  const all = [];
  for (const [name, check] of Object.entries(CHECKS).filter(([one]) => names.length === 0 || names.includes(one))) {
    let findings = await check(context);
    const done = fix ? await repairFindings(findings, names.includes(name)) : [];
    if (done.length > 0) findings = await check(context);
    for (const finding of findings) console.log(formatFinding(name, finding));
    all.push(...findings);
    const ends = done.find((one) => one.ends !== undefined)?.ends;
    if (ends === undefined) continue;
    console.log(`\n${ends}`);
    break;
  }
  console.log(`\n${summarize(all)}`);
  if (all.some((finding) => finding.level === "bad")) process.exitCode = 1;
});

/** @param {string[]} args */
function readArguments(args) {
  const usage = `Usage: npm run doctor -- [--fix] [check …]; checks: ${Object.keys(CHECKS).join(", ")}.`;
  try {
    const { values, positionals } = parseArgs({ args, options: { fix: { type: "boolean" } }, allowPositionals: true });
    if (positionals.some((name) => !(name in CHECKS))) throw failure(usage, 2);
    return { fix: values.fix === true, names: positionals };
  } catch {
    throw failure(usage, 2);
  }
}
