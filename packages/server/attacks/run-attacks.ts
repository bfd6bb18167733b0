import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { describeResult, isHeld, renderTable, type AttackResult } from "./attack-table.ts";
import { inWords, type AttackCase } from "./attack.ts";
import { openAttackWorld } from "./attack-world.ts";
import { ATTACKS } from "./families/all-attacks.ts";
import type { WorkTurn } from "./legitimate/legitimate-work.ts";
import { runLegitimate, selectTurns, type WorkResult } from "./legitimate/run-legitimate.ts";
import { runAttack } from "./run-attack.ts";

const USAGE = `Usage: npm run attacks -- [--quick] [--legitimate] [--only <part of a name or a family>] [--json <file>] [--list]

Tries each attack twice: on the product as it is, where it must be stopped, and with its guard off, where it must get
through. Canaries are planted wherever something secret is kept; none may get out. Then does work that must not be
stopped (with --legitimate: only that): npm, pip, git, cargo, go and Maven under the default policy. Needs Docker and
the sandbox's image, and for the work npm's registry and Debian's archive.`;

/** What is open and has to be cleared away also where the run is broken off. */
const closers: (() => Promise<void>)[] = [];
const end = (): void => void Promise.allSettled(closers.map((close) => close())).finally(() => process.exit(130));
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, end);

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      quick: { type: "boolean", default: false },
      only: { type: "string" },
      json: { type: "string" },
      legitimate: { type: "boolean", default: false },
      list: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return print(USAGE);
  const { only, quick } = values;
  const attacks = ATTACKS.filter(
    (one) =>
      !values.legitimate &&
      (only === undefined || one.name.includes(only) || one.family === only) &&
      (one.quick || !quick),
  );
  const turns = selectTurns({ only, quick });
  if (values.list) {
    const listed = attacks.map((one) => ({ quick: one.quick, name: nameOf(one) }));
    const works = turns.flatMap((turn) =>
      turn.works.map(({ name }) => ({ quick: turn.quick, name: `${WORK}: ${name}` })),
    );
    return print([...listed, ...works].map((one) => `${one.quick ? "quick" : "     "}  ${one.name}`).join("\n"));
  }

  const image = process.env["SANDBOX_IMAGE"] ?? "background-agents-sandbox";
  const results = attacks.length > 0 ? await tryAttacks(attacks, image) : [];
  const worked = turns.length > 0 ? await doWork(turns, image) : [];

  if (results.length > 0) print(`\n${renderTable(results)}`);
  if (worked.length > 0) print(`\n${renderWork(worked)}`);
  const passed = results.filter(isHeld).length + worked.filter((one) => one.passed).length;
  const failed = results.length + worked.length - passed;
  const json = values.json ?? process.env["ATTACKS_JSON"];
  if (json) {
    const rows = results.map((result) => ({ name: nameOf(result.attack), held: isHeld(result), ...result }));
    writeFileSync(json, JSON.stringify({ passed, failed, skipped: 0, results: rows, legitimate: worked }, null, 2));
  }
  print(`\n${passed} passed, ${failed} failed`);
  return failed === 0 && passed > 0 ? 0 : 1;
}

const nameOf = ({ family, name }: AttackCase): string => `${family}: ${name}`;
const WORK = "legitimate work";

async function tryAttacks(attacks: readonly AttackCase[], image: string): Promise<AttackResult[]> {
  const world = await openAttackWorld({ image });
  const results: AttackResult[] = [];
  closers.push(() => world.close());
  try {
    for (const attack of attacks) {
      const result = await runAttack(attack, world);
      results.push(result);
      if (isHeld(result)) print(`✓ ${nameOf(attack)} (${result.seconds.toFixed(1)} s)`);
      else print(describeResult(result).join("\n"));
    }
  } finally {
    closers.pop();
    await world.close().catch(blame);
  }
  return results;
}

async function doWork(turns: readonly WorkTurn[], image: string): Promise<WorkResult[]> {
  return runLegitimate({
    ...{ turns, image },
    onOpened: (close) => void closers.push(close),
    onResult: ({ name, passed, said }) =>
      void print(passed ? `✓ ${WORK}: ${name}` : `✗ ${WORK}: ${name}\n  ${JSON.stringify(said)}`),
  });
}

function renderWork(results: readonly WorkResult[]): string {
  return `${WORK}: ${results.length} tried, ${results.filter(({ passed }) => passed).length} passed`;
}

function blame(error: unknown): void {
  print(`✗ not everything could be cleared away: ${inWords(error)}`);
  process.exitCode = 1;
}

function print(text: string): number {
  process.stdout.write(`${text}\n`);
  return 0;
}

const exitCode = await main();
// Connections that attacks left half open keep nothing waiting.
process.exit(exitCode || process.exitCode);
