import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { describeResult, isHeld, renderTable, type AttackResult } from "./attack-table.ts";
import { inWords } from "./attack.ts";
import { openAttackWorld } from "./attack-world.ts";
import { ATTACKS } from "./families/all-attacks.ts";
import { runAttack } from "./run-attack.ts";

const USAGE = `Usage: npm run attacks -- [--quick] [--only <part of a name or a family>] [--json <file>] [--list]

Tries each attack twice: on the product as it is, where it must be stopped, and with its guard off, where it must get
through. Canaries are planted wherever something secret is kept; none may get out. Needs Docker and the sandbox's image.`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      quick: { type: "boolean", default: false },
      only: { type: "string" },
      json: { type: "string" },
      list: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return print(USAGE);
  const { only } = values;
  const attacks = ATTACKS.filter(
    ({ family, name, quick }) =>
      (only === undefined || name.includes(only) || family === only) && (quick || !values.quick),
  );
  const nameOf = ({ family, name }: (typeof attacks)[number]): string => `${family}: ${name}`;
  if (values.list) {
    return print(attacks.map((one) => `${one.quick ? "quick" : "     "}  ${nameOf(one)}`).join("\n"));
  }

  const world = await openAttackWorld({ image: process.env["SANDBOX_IMAGE"] ?? "background-agents-sandbox" });
  const results: AttackResult[] = [];
  const end = (): void => void world.close().finally(() => process.exit(130));
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, end);
  try {
    for (const attack of attacks) {
      const result = await runAttack(attack, world);
      results.push(result);
      if (isHeld(result)) print(`✓ ${nameOf(attack)} (${result.seconds.toFixed(1)} s)`);
      else print(describeResult(result).join("\n"));
    }
  } finally {
    await world.close().catch((error: unknown) => {
      print(`✗ not everything could be cleared away: ${inWords(error)}`);
      process.exitCode = 1;
    });
  }

  print(`\n${renderTable(results)}\n`);
  const passed = results.filter(isHeld).length;
  const failed = results.length - passed;
  const json = values.json ?? process.env["ATTACKS_JSON"];
  if (json) {
    const rows = results.map((result) => ({ name: nameOf(result.attack), held: isHeld(result), ...result }));
    writeFileSync(json, JSON.stringify({ passed, failed, skipped: 0, results: rows }, null, 2));
  }
  print(`${passed} passed, ${failed} failed`);
  return failed === 0 && passed > 0 ? 0 : 1;
}

function print(text: string): number {
  process.stdout.write(`${text}\n`);
  return 0;
}

const exitCode = await main();
// Connections that attacks left half open keep nothing waiting.
process.exit(exitCode || process.exitCode);
