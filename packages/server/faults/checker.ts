import { checkAnswers, checkClients, checkEvents, checkPrompts, checkSaid, checkSeen } from "./check-conversation.ts";
import { checkEngine, checkIntegrity, checkLeaks, checkUser, checkWork } from "./check-places.ts";
import type { Evidence } from "./evidence.ts";

/** What must hold after every fault; each gives one line for each violation. */
export const INVARIANTS = {
  prompts: checkPrompts,
  events: checkEvents,
  said: checkSaid,
  seen: checkSeen,
  answers: checkAnswers,
  client: checkClients,
  work: checkWork,
  engine: checkEngine,
  leaks: checkLeaks,
  user: checkUser,
  integrity: checkIntegrity,
} satisfies Record<string, (evidence: Evidence) => string[]>;

export type InvariantName = keyof typeof INVARIANTS;

export const INVARIANT_NAMES = Object.keys(INVARIANTS) as InvariantName[];

export type Verdict = Record<InvariantName, string[]>;

export function check(evidence: Evidence): Verdict {
  const verdicts = INVARIANT_NAMES.map((name) => [name, INVARIANTS[name](evidence)] as const);
  return Object.fromEntries(verdicts) as Verdict;
}
