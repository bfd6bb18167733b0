import type { SessionId } from "@background-agents/shared/ids";
import type { RunSetupBody } from "@background-agents/shared/protocol/guard-commands";
import type { Session } from "@background-agents/shared/sessions/session";
import type { z } from "zod";
import { AppError } from "../lib/app-error.ts";
import { hashOf, wasCreated } from "./creation-key.ts";
import type { SessionEffects } from "./session-effects.ts";
import type { SessionStore } from "./session-store.ts";

export type SetupService = ReturnType<typeof createSetupService>;

/** The repository's setup script, as far as the user has a say: it runs by itself in a new workspace. */
export function createSetupService(deps: { store: SessionStore; effects: Pick<SessionEffects, "sendSetup"> }) {
  const { store, effects } = deps;

  return {
    /**
     * Runs the setup script again in the session's sandbox, after the turn that runs, if any. Throws
     * `sandbox.not-running` where none does, `session.busy` where the script runs already.
     */
    runAgain(id: SessionId, body: z.infer<typeof RunSetupBody>): Session {
      const session = store.find(id)?.session;
      if (!session) throw new AppError("session.not-found", "There is no such session.");
      if (session.deletedAt) throw new AppError("session.deleted", "The session is deleted: restore it first.");
      const key = { setup: id };
      if (body.id !== undefined && wasCreated(store, body.id, key)) return session;
      if (session.setup?.status === "running") {
        throw new AppError("session.busy", "The setup script runs already: wait for it, or stop it.");
      }
      if (session.sandbox.status !== "ready" || !effects.sendSetup(id, "setup.run")) {
        throw new AppError(
          "sandbox.not-running",
          "The session's sandbox does not run: resume it, then run the setup script again.",
        );
      }
      if (body.id !== undefined) store.recordCreation(body.id, hashOf(key));
      return session;
    },
  };
}
