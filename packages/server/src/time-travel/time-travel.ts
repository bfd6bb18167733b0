import type { SessionId } from "@background-agents/shared/ids";
import type { Session } from "@background-agents/shared/sessions/session";
import { AppError } from "../lib/app-error.ts";
import { createKeyedMutex } from "../lib/keyed-mutex.ts";
import type { SessionState } from "../sessions/session-state.ts";
import { createBaseService } from "./base-service.ts";
import { createDiscardService } from "./discard-service.ts";
import { createForkService } from "./fork-service.ts";
import { createRevertService } from "./revert-service.ts";
import type { TimeTravelDeps } from "./time-travel-deps.ts";

export type TimeTravel = ReturnType<typeof createTimeTravel>;

/** Going back and forth in a session's work, from outside of its sandbox; one step of a session at a time. */
export function createTimeTravel(deps: Omit<TimeTravelDeps, "requireState">) {
  const exclusively = createKeyedMutex();
  const requireState = (id: SessionId): SessionState => {
    const state = deps.store.find(id);
    if (!state) throw new AppError("session.not-found", "There is no such session.");
    return state;
  };
  const all = { ...deps, requireState };
  const base = createBaseService(all);
  const steps = { ...createRevertService(all), ...createDiscardService(all), ...createForkService(all) };

  return {
    revert: (id: SessionId, body: Parameters<typeof steps.revert>[1]) => exclusively(id, () => steps.revert(id, body)),
    discard: (id: SessionId, body: Parameters<typeof steps.discard>[1]) =>
      exclusively(id, () => steps.discard(id, body)),
    fork: (id: SessionId, body: Parameters<typeof steps.fork>[1]): Promise<Session> =>
      exclusively(id, () => steps.fork(id, body)),
    readBase: base.read,
    updateBase: (id: SessionId, body: Parameters<typeof base.update>[1]) =>
      exclusively(id, () => base.update(id, body)),
  };
}
