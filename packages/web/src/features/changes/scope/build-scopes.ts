import type { CheckpointId, TurnId } from "@background-agents/shared/ids";
import type { Checkpoint, CheckpointOrigin } from "@background-agents/shared/sessions/session";
import type { DiffScope } from "../../../api/reviews-client.ts";

/** Two moments that a review can look between, with words for it. */
export interface Scope {
  key: string;
  label: string;
  /** Words at the end of the line in the picker. */
  note?: string;
  group: string;
  diff: DiffScope;
  /** It ends where the work stands now: the last checkpoint, or the tree of the running turn. */
  reachesNow: boolean;
}

export interface ScopeFacts {
  checkpoints: readonly Checkpoint[];
  numberOfTurn: (turnId: TurnId) => number | undefined;
  /** The last checkpoint. */
  head: CheckpointId | null;
  /** Up to where the user has looked, as it was when the panel was opened. */
  looked: CheckpointId | null;
  /** The running turn, once it has changed something. */
  live: { turnId: TurnId } | null;
}

/** The key of the widest scope. */
export const ALL = "all";

const WHOLE = "The session";
const STEPS = "Step by step";

const ORIGIN_WORDS: Record<Exclude<CheckpointOrigin, "turn">, string> = {
  fork: "Where it was forked",
  discard: "Discarded by you",
  "base-update": "Base updated",
  "agent-push": "Pushed by the agent",
};

/** What the changes can be looked at from, the widest first, then the steps from the newest on. */
export function buildScopes(facts: ScopeFacts): [Scope, ...Scope[]] {
  const { head, looked, live } = facts;
  const now = live ? "live" : (head ?? "head");
  const all: Scope = {
    key: ALL,
    label: "All changes",
    group: WHOLE,
    diff: { from: "base", to: now },
    reachesNow: true,
  };
  const since: Scope = {
    key: "looked",
    label: "Since my last look",
    group: WHOLE,
    ...(looked === head && !live ? { note: "nothing new" } : {}),
    diff: { from: looked ?? "base", to: now },
    reachesNow: true,
  };
  const soFar: Scope = {
    key: "live",
    label: live ? `${turnLabel(facts, live.turnId)}, so far` : "",
    group: STEPS,
    diff: { from: head ?? "base", to: "live" },
    reachesNow: true,
  };
  return [all, ...(looked ? [since] : []), ...(live ? [soFar] : []), ...stepsOf(facts)];
}

function stepsOf(facts: ScopeFacts): Scope[] {
  const { checkpoints, head, live } = facts;
  const way = wayTo(head, checkpoints);
  return checkpoints
    .toSorted((a, b) => b.id.localeCompare(a.id))
    .map((checkpoint) => ({
      key: checkpoint.id,
      label: labelOf(checkpoint, facts),
      ...(way.has(checkpoint.id) ? {} : { note: "set aside" }),
      group: STEPS,
      diff: { from: checkpoint.parentId ?? "base", to: checkpoint.id },
      reachesNow: checkpoint.id === head && !live,
    }));
}

function labelOf({ origin, turnId }: Checkpoint, facts: ScopeFacts): string {
  if (origin !== "turn") return ORIGIN_WORDS[origin];
  return turnId ? turnLabel(facts, turnId) : "A turn";
}

function turnLabel({ numberOfTurn }: ScopeFacts, turnId: TurnId): string {
  const number = numberOfTurn(turnId);
  return number === undefined ? "A turn" : `Turn ${number}`;
}

/** The checkpoints that the work went through to where it stands; others were left by a revert. */
function wayTo(head: CheckpointId | null, checkpoints: readonly Checkpoint[]): Set<CheckpointId> {
  const byId = new Map(checkpoints.map((checkpoint) => [checkpoint.id, checkpoint]));
  const way = new Set<CheckpointId>();
  for (let at = head; at && !way.has(at); at = byId.get(at)?.parentId ?? null) way.add(at);
  return way;
}
