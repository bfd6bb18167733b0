import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { bundleServer } from "./bundle-server.ts";
import { FAULTS } from "./families/all-faults.ts";
import { createRandom } from "./random.ts";
import { describeViolations, ELSEWHERE, percentile, renderTable } from "./result-table.ts";
import { closeOpenWorlds, runFault, type FaultResult } from "./run-fault.ts";

const USAGE = `Usage: npm run faults -- [--quick] [--only <part of a name>] [--seed <number>] [--json <file>] [--jobs <n>] [--list]

Injects each fault into the real server, in a process of its own, and checks every invariant afterwards.
The same seed draws the same moments and texts.`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      quick: { type: "boolean", default: false },
      only: { type: "string" },
      seed: { type: "string" },
      json: { type: "string" },
      jobs: { type: "string", default: "3" },
      list: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return print(USAGE);
  const { only } = values;
  const faults = FAULTS.filter(
    ({ name, quick }) => (only === undefined ? true : name.includes(only)) && (quick || !values.quick),
  );
  if (values.list) return print(faults.map(({ name, quick }) => `${quick ? "quick" : "     "}  ${name}`).join("\n"));
  const seed = values.seed === undefined ? Date.now() % 1_000_000 : Number(values.seed);
  print(`seed ${seed}, ${faults.length} of ${FAULTS.length} faults`);

  const bundle = await bundleServer();
  const results: FaultResult[] = [];
  const waiting = [...faults.entries()];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [place, fault] = next;
      const result = await runFault(fault, { bundle, random: createRandom(seed) });
      results[place] = result;
      if (result.outcome === "failed") print(describeViolations(result).join("\n"));
      else print(`${result.outcome === "passed" ? "✓" : "–"} ${result.name} (${result.seconds.toFixed(1)} s)`);
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, Number(values.jobs)) }, work));

  const recoveriesMs = results.flatMap((result) => result.recoveriesMs);
  const kills = results.reduce((sum, result) => sum + result.kills, 0);
  const [p50, p95] = [percentile(recoveriesMs, 0.5), percentile(recoveriesMs, 0.95)];
  print(`\n${renderTable(results)}\n`);
  print(`run elsewhere:\n${ELSEWHERE.map((line) => `  ${line}`).join("\n")}\n`);
  print(`kills of the server: ${kills}; until every client is back: p50 ${inWords(p50)}, p95 ${inWords(p95)}`);
  const count = (outcome: FaultResult["outcome"]): number => results.filter((one) => one.outcome === outcome).length;
  const [passed, failed, skipped] = [count("passed"), count("failed"), count("skipped")];
  const json = values.json ?? process.env["FAULTS_JSON"];
  if (json) {
    const report = { seed, passed, failed, skipped, kills, recoveryMs: { p50, p95 }, results };
    writeFileSync(json, JSON.stringify(report, null, 2));
  }
  print(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
  return failed === 0 && passed > 0 ? 0 : 1;
}

function inWords(ms: number | undefined): string {
  return ms === undefined ? "–" : `${Math.round(ms)} ms`;
}

function print(text: string): number {
  process.stdout.write(`${text}\n`);
  return 0;
}

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => void closeOpenWorlds().finally(() => process.exit(130)));
}
process.exitCode = await main();
