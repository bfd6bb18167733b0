import type { SessionEvent } from "@background-agents/shared/protocol/session-events";
import type { Session } from "@background-agents/shared/sessions/session";
import { nextRestored } from "./restored-work.ts";
import type { SessionState } from "./session-state.ts";

const FAMILIES = ["checkpoint", "branch", "pull-request", "work", "comment", "approval", "job"] as const;

/** What happens to the work: saved, brought back, reviewed, published. */
export type WorkEvent = Extract<SessionEvent, { type: `${(typeof FAMILIES)[number]}.${string}` }>;

export function isWorkEvent(event: SessionEvent): event is WorkEvent {
  return FAMILIES.some((family) => event.type.startsWith(`${family}.`));
}

const NO_CONFLICT = { publishConflict: null, publishObstacle: null } satisfies Partial<Session>;

/** What was in the way of other work need not be in the way of this: it is tried once more. */
function forgetConflict(session: Session, commit: string | null): Partial<Session> {
  return commit === session.lastCommit ? {} : NO_CONFLICT;
}

/** Pure: the state after `event`. */
export function projectWorkEvent(state: SessionState, event: WorkEvent): SessionState {
  const withSession = (changes: Partial<Session>): SessionState => ({
    ...state,
    session: { ...state.session, ...changes },
  });
  const { asking } = state.session;

  switch (event.type) {
    case "checkpoint.created": {
      const { checkpointId, commit, files, additions, deletions, turn } = event.data;
      const changed = turn === undefined || turn.files > 0;
      return {
        ...withSession({
          lastCheckpointId: checkpointId,
          lastCommit: commit,
          changes: { files, additions, deletions },
          ...forgetConflict(state.session, commit),
        }),
        checkpointSeq: changed ? event.seq : state.checkpointSeq,
      };
    }
    case "branch.published": {
      const { commit, branch, followed } = event.data;
      const checkout = followed === undefined ? state.session.checkout : { path: followed, commit };
      return withSession({ publishedCommit: commit, branch, checkout, ...NO_CONFLICT });
    }
    case "branch.conflicted":
      return withSession({
        publishConflict: event.data.reason,
        publishObstacle: event.data.obstacle ?? "branch",
      });
    case "branch.pushed":
      return withSession({ push: event.data.push });
    case "branch.checked-out":
      return withSession({ checkout: event.data });
    case "branch.checkout-removed":
      return withSession({ checkout: null });
    case "pull-request.updated":
      return withSession({ pullRequest: event.data.pullRequest });
    case "work.restored": {
      const { checkpointId, commit, generation, files, additions, deletions, base } = event.data;
      const moved = withSession({
        lastCheckpointId: checkpointId,
        lastCommit: commit,
        changes: checkpointId && { files, additions, deletions },
        ...forgetConflict(state.session, commit),
        ...(base && { baseBranch: base.branch, baseCommit: base.commit }),
      });
      // A base that the agent's own turn moved: its workspace stands there already.
      if (event.turnId) return moved;
      return { ...moved, generation, restored: nextRestored(state.restored, event) };
    }
    case "comment.added":
      return withSession({ openComments: state.session.openComments + 1 });
    case "comment.removed":
    case "comment.resolved":
      return withSession({ openComments: Math.max(0, state.session.openComments - 1) });
    case "comment.reopened":
      return withSession({ openComments: state.session.openComments + 1 });
    case "approval.asked":
      return withSession({ asking: { ...asking, approvals: [...asking.approvals, event.data] } });
    case "approval.answered": {
      const { approvalId } = event.data;
      return withSession({
        asking: { ...asking, approvals: asking.approvals.filter((one) => one.approvalId !== approvalId) },
      });
    }
    case "checkpoint.failed":
    case "comment.edited":
    case "comment.sent":
    case "job.started":
    case "job.succeeded":
    case "job.failed":
    case "branch.applied":
      return state;
  }
}
