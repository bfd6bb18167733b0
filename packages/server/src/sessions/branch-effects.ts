import { AppError, messageOf } from "../lib/app-error.ts";
import type { Failpoint } from "../lib/failpoint.ts";
import type { PublishOutcome } from "../repositories/publish.ts";
import type { SessionRecorder } from "./session-recorder.ts";
import { activePrompt, type SessionState } from "./session-state.ts";

export interface BranchEffectsDeps {
  recorder: SessionRecorder;
  publish(state: SessionState): Promise<PublishOutcome>;
  failpoint?: Failpoint | undefined;
}

/** The branch in the user's repository, which follows the session's work. */
export function createBranchEffects(deps: BranchEffectsDeps) {
  const { recorder } = deps;

  /** The branch in the user's repository follows the last checkpoint; a conflict is shown once, until the next checkpoint. */
  async function publishWhenDue(state: SessionState): Promise<void> {
    const { session } = state;
    const { lastCommit } = session;
    if (
      session.publishMode === "manual" ||
      activePrompt(state) ||
      !lastCommit ||
      lastCommit === session.publishedCommit
    )
      return;
    if (lastCommit === session.baseCommit && session.publishedCommit === null) return;
    if (session.publishConflict !== null) return;
    let outcome: PublishOutcome;
    deps.failpoint?.("publish.begin");
    try {
      outcome = await deps.publish(state);
    } catch (error) {
      const obstacle = error instanceof AppError && error.code === "work.contains-secret" ? "secret" : "branch";
      outcome = { outcome: "conflicted", reason: messageOf(error), obstacle };
    }
    deps.failpoint?.("publish.moved");
    const { branch } = session;
    if (outcome.outcome === "conflicted") {
      const data = { branch, reason: outcome.reason, obstacle: outcome.obstacle ?? "branch" };
      recorder.record(session.id, () => [{ type: "branch.conflicted", actor: "server", data }]);
      return;
    }
    const { followed } = outcome;
    const data = { branch, commit: lastCommit, ...(followed === undefined ? {} : { followed }) };
    recorder.record(session.id, () => [{ type: "branch.published", actor: "server", data }]);
  }

  return { publishWhenDue };
}
