import type { AttackWorld } from "./attack-world.ts";

export const FAMILIES = [
  "browser",
  "sandbox",
  "network",
  "hub",
  "git",
  "secrets",
  "egress",
  "settings",
  "repository",
  "preview",
  "load",
] as const;
export type Family = (typeof FAMILIES)[number];

/** How one attempt ended, and all that the attacker got to see: it is searched for canaries. */
export interface Attempt {
  succeeded: boolean;
  said: string;
}

/** One line of the suite: something an attacker does, once as the product is and once with its guard off. */
export interface AttackCase {
  family: Family;
  name: string;
  /** Part of the quick subset. */
  quick: boolean;
  attack(world: AttackWorld): Promise<Attempt>;
  /** The same attack without what stops it; an attack that fails here, too, proves nothing. */
  control(world: AttackWorld): Promise<Attempt>;
}

/** An attempt that got through unless it throws. */
export async function attempt(work: () => Promise<unknown>): Promise<Attempt> {
  try {
    return { succeeded: true, said: inWords(await work()) };
  } catch (error) {
    return { succeeded: false, said: inWords(error) };
  }
}

export function inWords(value: unknown): string {
  if (value instanceof Error) return value.message;
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "nothing");
}
