import { expect, test } from "vitest";
import { isHeld } from "./attack-table.ts";
import type { AttackCase, Attempt } from "./attack.ts";
import type { AttackWorld } from "./attack-world.ts";
import { runAttack } from "./run-attack.ts";

const BLOCKED: Attempt = { succeeded: false, said: "" };
const THROUGH: Attempt = { succeeded: true, said: "" };

/** All that the runner itself asks of the world. */
const world = { sink: { take: () => ({ connections: 0, text: "" }) }, canaries: {} } as AttackWorld;

const caseOf = (attack: () => Promise<Attempt>, control: () => Promise<Attempt>): AttackCase => ({
  ...{ family: "load", name: "tried", quick: true },
  ...{ attack, control },
});
const never = () => new Promise<Attempt>(() => undefined);

test("an attack that was stopped and whose control got through is held", async () => {
  const result = await runAttack(
    caseOf(
      async () => BLOCKED,
      async () => THROUGH,
    ),
    world,
  );
  expect(isHeld(result)).toBe(true);
});

test.each([
  ["an attack that never ends", never, async () => THROUGH],
  ["a control that never ends", async () => BLOCKED, never],
  ["an attack that throws", () => Promise.reject(new Error("no engine")), async () => THROUGH],
  ["a control that throws", async () => BLOCKED, () => Promise.reject(new Error("no engine"))],
  ["a control that is stopped, too", async () => BLOCKED, async () => BLOCKED],
])("%s is not held", async (_name, attack, control) => {
  const result = await runAttack(caseOf(attack, control), world, 50);
  expect(isHeld(result)).toBe(false);
});
