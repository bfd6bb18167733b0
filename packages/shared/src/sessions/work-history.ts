import type { CheckpointId } from "../ids.ts";
import type { Turn } from "./timeline.ts";

/** A state of the work, and the one it came from; null: where the session began. */
export interface Moment {
  parent: Moment | null;
  /** The turn that made it; null where the user did, from outside. */
  turn: Turn | null;
}

/** How the states of a session's work follow from each other: a line that the user may leave and come back to. */
export interface WorkHistory {
  /** Where the work stands. */
  now: Moment | null;
  byCheckpoint: Map<CheckpointId, Moment>;
}

export function emptyHistory(): WorkHistory {
  return { now: null, byCheckpoint: new Map() };
}

/** The work goes on from where it stands: by a turn, or by the user. Changes the history in place. */
export function goOn(history: WorkHistory, turn: Turn | null): Moment {
  history.now = { parent: history.now, turn };
  return history.now;
}

/** A checkpoint of the work as it stands; one that no turn made is a step of its own. Changes the history in place. */
export function noteCheckpoint(history: WorkHistory, checkpointId: CheckpointId, turn: Turn | null): void {
  const moment = history.now !== null && history.now.turn === turn && turn !== null ? history.now : goOn(history, turn);
  history.byCheckpoint.set(checkpointId, moment);
}

/** The work stands at a checkpoint again, or at the beginning. One unknown here is a step on. Changes the history in place. */
export function goBack(history: WorkHistory, checkpointId: CheckpointId | null): Moment | null {
  if (checkpointId === null) history.now = null;
  else {
    history.now = history.byCheckpoint.get(checkpointId) ?? goOn(history, null);
    history.byCheckpoint.set(checkpointId, history.now);
  }
  return history.now;
}

/** The turns that the work as it stands came about by. */
export function turnsBehind(history: WorkHistory): Set<Turn> {
  const turns = new Set<Turn>();
  for (let moment = history.now; moment; moment = moment.parent) if (moment.turn) turns.add(moment.turn);
  return turns;
}
