import { INVARIANTS, type InvariantName } from "./checker.ts";
import type { Evidence } from "./evidence.ts";

/** Spoils the evidence in one way; false where there is nothing of that kind to spoil. */
type Spoil = (evidence: Evidence) => boolean;

/** One way for each invariant to be broken that any fault's evidence can be spoilt in. */
const SPOILS: Record<InvariantName, Spoil> = {
  prompts: ({ database }) => database.prompts.pop() !== undefined,
  events: ({ database }) => {
    const log = Object.values(database.events).find((events) => events.length > 2);
    return log !== undefined && log.splice(1, 1).length === 1;
  },
  said: ({ engine }) => (engine.unacked += 1) > 0,
  seen: ({ clients }) => {
    const reader = clients.find(({ seen }) => Object.values(seen).some((text) => text !== ""));
    const [partId, text] = Object.entries(reader?.seen ?? {}).find(([, shown]) => shown !== "") ?? [];
    if (reader && partId !== undefined) reader.seen[partId] = `${text}control`;
    return reader !== undefined;
  },
  answers: ({ ledger }) => {
    const asked = ledger.runs.flatMap((run) => run.asked)[0];
    if (asked) asked.heard = [["control"]];
    return asked !== undefined;
  },
  client: ({ clients }) => {
    const reader = clients.find(({ events }) => events.length > 0);
    return reader?.events.pop() !== undefined;
  },
  work: ({ database, host }) => {
    host.kept = {};
    return database.checkpoints.length > 0;
  },
  engine: ({ database, engine }) => {
    const session = database.sessions[0];
    if (session) engine.ours.push({ handle: "control", sessionId: session.id, boot: "boo_control", running: true });
    return session !== undefined;
  },
  leaks: ({ host }) => host.leftovers.push("control") > 0,
  user: ({ user }) => {
    user.fsck += "control";
    return true;
  },
  integrity: ({ database }) => {
    database.integrity = "control";
    return true;
  },
};

export interface Controls {
  /** Invariants whose violation was seen in this fault's evidence. */
  valid: InvariantName[];
  /** Invariants that did not notice what was spoilt: the fault's verdict on them is worth nothing. */
  blind: InvariantName[];
}

/** Shows that the checker can fail on this very evidence: spoilt in one way at a time, each must be noticed. */
export function runControls(evidence: Evidence): Controls {
  const controls: Controls = { valid: [], blind: [] };
  for (const [name, spoil] of Object.entries(SPOILS) as [InvariantName, Spoil][]) {
    const spoilt = structuredClone(evidence);
    if (!spoil(spoilt)) continue;
    const isNoticed = INVARIANTS[name](spoilt).length > INVARIANTS[name](evidence).length;
    (isNoticed ? controls.valid : controls.blind).push(name);
  }
  return controls;
}
