import { inWords, type AttackCase, type Attempt } from "./attack.ts";
import type { AttackResult } from "./attack-table.ts";
import type { AttackWorld } from "./attack-world.ts";
import { findCanaries } from "./canaries.ts";

/** Runs an attack and its control. What an attack throws is a fault of the suite: it counts as neither stopped nor proven. */
export async function runAttack(attack: AttackCase, world: AttackWorld): Promise<AttackResult> {
  const startedAt = performance.now();
  world.sink.take();
  const guarded = await attack.attack(world).catch((error: unknown): Attempt => ({
    succeeded: true,
    said: `the attack itself failed: ${inWords(error)}`,
  }));
  const reached = world.sink.take();
  const leaked = findCanaries(guarded.said + reached.text, Object.values(world.canaries));
  const control = await attack.control(world).catch((error: unknown): Attempt => ({
    succeeded: false,
    said: `the control itself failed: ${inWords(error)}`,
  }));
  world.sink.take();
  return { attack, attempt: guarded, control, leaked, seconds: (performance.now() - startedAt) / 1000 };
}
