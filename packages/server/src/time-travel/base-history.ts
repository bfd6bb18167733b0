import type { SessionId } from "@background-agents/shared/ids";
import type { EventLog } from "../events/event-log.ts";

export interface Base {
  branch: string;
  commit: string;
}

/** The bases that a session ever stood on, the newest first, each once. */
export function listBases(log: Pick<EventLog, "listOfTypes">, sessionId: SessionId): Base[] {
  const bases: Base[] = [];
  for (const event of log.listOfTypes(sessionId, ["session.created", "work.restored"])) {
    if (event.type === "session.created") {
      bases.unshift({ branch: event.data.baseBranch, commit: event.data.baseCommit });
    } else if (event.type === "work.restored" && event.data.base) bases.unshift(event.data.base);
  }
  return bases.filter((base, place) => bases.findIndex(({ commit }) => commit === base.commit) === place);
}
