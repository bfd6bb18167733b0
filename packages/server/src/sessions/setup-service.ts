import type { SessionId } from "@background-agents/shared/ids";
import type { RunSetupBody } from "@background-agents/shared/protocol/guard-commands";
import type { Session } from "@background-agents/shared/sessions/session";
import type { z } from "zod";
import { AppError } from "../lib/app-error.ts";
import { hashOf, wasCreated } from "./creation-key.ts";
import type { SessionEffects } from "./session-effects.ts";
import type { SessionRecorder } from "./session-recorder.ts";
import type { SessionStore } from "./session-store.ts";
import { decideSetupRequest } from "./setup-machine.ts";
import type { SetupPlan } from "./setup-plan.ts";

export type SetupService = ReturnType<typeof createSetupService>;

/** The repository's setup script, as far as the user has a say: it runs by itself in a new workspace. */
export function createSetupService(deps: {
  store: SessionStore;
  recorder: SessionRecorder;
  effects: Pick<SessionEffects, "sendSetup" | "advance">;
  setupPlan: Pick<SetupPlan, "findApart">;
}) {
  const { store, recorder, effects } = deps;

  function require(id: SessionId): Session {
    const session = store.find(id)?.session;
    if (!session) throw new AppError("session.not-found", "There is no such session.");
    return session;
  }

  return {
    /**
     * Runs the setup script again: in a container of its own where it has secrets that the agent must not get, else in
     * the session's sandbox after the turn that runs, if any. Throws `sandbox.not-running` where that does not run;
     * `session.busy` where the script runs already, or its own container would have to wait for the agent.
     */
    async runAgain(id: SessionId, body: z.infer<typeof RunSetupBody>): Promise<Session> {
      const key = { setup: id };
      const source = await deps.setupPlan.findApart(require(id));
      const session = require(id);
      if (session.deletedAt) throw new AppError("session.deleted", "The session is deleted: restore it first.");
      if (body.id !== undefined && wasCreated(store, body.id, key)) return session;
      const remember = () => {
        if (body.id !== undefined) store.recordCreation(body.id, hashOf(key));
      };
      if (source !== undefined) {
        const { state } = recorder.record(id, (now) => decideSetupRequest(now, source), remember);
        effects.advance(id);
        return state.session;
      }
      if (session.setup?.status === "running") {
        throw new AppError("session.busy", "The setup script runs already: wait for it, or stop it.");
      }
      if (session.sandbox.status !== "ready" || !effects.sendSetup(id, "setup.run")) {
        throw new AppError(
          "sandbox.not-running",
          "The session's sandbox does not run: resume it, then run the setup script again.",
        );
      }
      remember();
      return session;
    },
  };
}
