import { commitMessage } from "@background-agents/shared/git/commit-message";
import { newId, type SessionId } from "@background-agents/shared/ids";
import type { BaseAnswer, UpdateBaseAnswer, UpdateBaseBody } from "@background-agents/shared/protocol/review-commands";
import type { Session } from "@background-agents/shared/sessions/session";
import { AppError } from "../lib/app-error.ts";
import { createIdQueue, hashOf, wasCreated } from "../sessions/creation-key.ts";
import type { SessionState } from "../sessions/session-state.ts";
import { composeUpdatePrompt } from "./compose-update-prompt.ts";
import { recordMadeCheckpoint } from "./made-checkpoint.ts";
import { requireIdle } from "./restored-event.ts";
import type { TimeTravelDeps } from "./time-travel-deps.ts";

/** How far the session's base branch has moved on, and the way there. */
export function createBaseService(deps: TimeTravelDeps) {
  const { store } = deps;
  const { writer, quarantine, mirrors, compareCommits } = deps.repositories;
  const inTurn = createIdQueue();

  async function compare(session: Session) {
    const { repository, baseBranch, baseCommit } = session;
    const from = { repositoryId: repository.id, repositoryPath: repository.path };
    const tip = await mirrors.findTip({ ...from, base: baseBranch });
    if (tip === undefined) return undefined;
    const gitDir = await quarantine.ensurePath(session.id, repository.id);
    const standing = await compareCommits(gitDir, { ours: session.lastCommit ?? baseCommit, theirs: tip });
    return { tip, ...standing };
  }

  async function merge(before: SessionState, tip: string, also: () => void): Promise<Session | string[]> {
    const { session } = before;
    const { id, repository, baseBranch, baseCommit } = session;
    const head = session.lastCommit ?? baseCommit;
    const checkpointId = newId("checkpoint");
    const made = await writer.merge({
      ...{ sessionId: id, repositoryId: repository.id, checkpointId, head, tip },
      identity: await deps.repositories.service.identity(repository.path),
      message: commitMessage(`Merge ${baseBranch} into ${session.branch}`, id),
    });
    if ("conflicts" in made) return made.conflicts;
    await mirrors.pin(repository.id, id, tip);
    const recorded = recordMadeCheckpoint(deps, before, {
      ...{ checkpointId, commit: made.commit, origin: "base-update" },
      changes: await writer.count(id, tip, made.commit),
      turn: await writer.count(id, head, made.commit),
      restored: { reason: "base-update", base: { branch: baseBranch, commit: tip } },
      also,
    });
    return recorded.session;
  }

  async function update(id: SessionId, body: UpdateBaseBody): Promise<UpdateBaseAnswer> {
    const before = deps.requireState(id);
    const { session } = before;
    const key = { updateBase: id, ...body };
    if (wasCreated(store, body.id, key)) {
      const asked = body.how === "rebase" ? "asked-agent" : "up-to-date";
      return { session, outcome: asked, prompt: null };
    }
    requireIdle(before);
    const standing = await compare(session);
    if (!standing) {
      const why = `${session.baseBranch} is no branch of ${session.repository.path} (any more), so there is nothing to follow.`;
      throw new AppError("work.nothing", why);
    }
    const { tip, behind } = standing;
    let { conflicts } = standing;
    if (behind === 0) return { session, outcome: "up-to-date", prompt: null };
    const remember = () => {
      if (body.id !== undefined) store.recordCreation(body.id, hashOf(key));
    };
    if (body.how === "merge") {
      const merged = await merge(before, tip, remember);
      if (!Array.isArray(merged)) return { session: merged, outcome: "merged", prompt: null };
      conflicts = merged;
    }
    const text = composeUpdatePrompt({ ...{ session, tip, behind, conflicts }, how: body.how });
    const prompt = await deps.sessions.sendPrompt(id, { text });
    remember();
    return { session: deps.requireState(id).session, outcome: "asked-agent", prompt };
  }

  return {
    /** The base as it is in the user's repository now. */
    async read(id: SessionId): Promise<BaseAnswer> {
      const { session } = deps.requireState(id);
      const standing = await compare(session);
      const { tip = null, behind = 0, ahead = 0, conflicts = [] } = standing ?? {};
      return { branch: session.baseBranch, commit: session.baseCommit, tip, behind, ahead, conflicts };
    },

    /**
     * Brings the session onto its base branch as it is now: at once where a merge is clean, by the agent otherwise. Throws
     * `session.busy`, and `work.nothing` where the base is nothing that moves.
     */
    update: (id: SessionId, body: UpdateBaseBody): Promise<UpdateBaseAnswer> => inTurn(body.id, () => update(id, body)),
  };
}
