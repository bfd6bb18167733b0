import type { SessionId } from "@background-agents/shared/ids";
import type { EventLog } from "../events/event-log.ts";
import type { Clock } from "../lib/clock.ts";
import type { ModelService } from "../models/model-service.ts";
import type { Repositories } from "../repositories/repositories.ts";
import type { SessionEffects } from "../sessions/session-effects.ts";
import type { SessionRecorder } from "../sessions/session-recorder.ts";
import type { SessionService } from "../sessions/session-service.ts";
import type { SessionState } from "../sessions/session-state.ts";
import type { SessionStore } from "../sessions/session-store.ts";

export interface TimeTravelDeps {
  store: SessionStore;
  recorder: SessionRecorder;
  effects: Pick<SessionEffects, "advance">;
  log: Pick<EventLog, "listOfTypes">;
  clock: Clock;
  repositories: Pick<Repositories, "writer" | "quarantine" | "mirrors" | "copiedFiles" | "compareCommits" | "service">;
  models: Pick<ModelService, "require">;
  sessions: Pick<SessionService, "sendPrompt">;
  /** Throws `session.not-found`. */
  requireState(sessionId: SessionId): SessionState;
}
