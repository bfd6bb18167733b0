import { setTimeout as pause } from "node:timers/promises";
import { inWords, type AttackCase, type Attempt } from "./attack.ts";
import type { AttackResult } from "./attack-table.ts";
import type { AttackWorld } from "./attack-world.ts";
import { findCanaries } from "./canaries.ts";

/** Generous: an attempt may have to boot sandboxes first. One that hangs says nothing, and must not end the run. */
const LIMIT_MS = 180_000;

/** Runs an attack and its control, each at most `limitMs`. What an attack throws is a fault of the suite: it counts as neither stopped nor proven. */
export async function runAttack(attack: AttackCase, world: AttackWorld, limitMs = LIMIT_MS): Promise<AttackResult> {
  const startedAt = performance.now();
  world.sink.take();
  const guarded = await within(limitMs, attack.attack(world)).catch((error: unknown): Attempt => ({
    succeeded: true,
    said: `the attack itself failed: ${inWords(error)}`,
  }));
  const reached = world.sink.take();
  const leaked = findCanaries(guarded.said + reached.text, Object.values(world.canaries));
  const control = await within(limitMs, attack.control(world)).catch((error: unknown): Attempt => ({
    succeeded: false,
    said: `the control itself failed: ${inWords(error)}`,
  }));
  world.sink.take();
  return { attack, attempt: guarded, control, leaked, seconds: (performance.now() - startedAt) / 1000 };
}

async function within(limitMs: number, work: Promise<Attempt>): Promise<Attempt> {
  const over = new AbortController();
  const late = pause(limitMs, undefined, { signal: over.signal }).then(() => {
    throw new Error(`it had not ended after ${limitMs / 1000} s`);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    over.abort();
  }
}
