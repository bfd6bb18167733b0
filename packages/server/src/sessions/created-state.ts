import type { SessionEvent } from "@background-agents/shared/protocol/session-events";
import type { Session } from "@background-agents/shared/sessions/session";
import { INITIAL_DETAILS } from "./session-details.ts";
import type { SessionState } from "./session-state.ts";

export const NOTHING_ASKED: Session["asking"] = { questions: [], permissions: [], approvals: [] };

/** Pure: the state that a session begins with; its status is still to be computed. */
export function createdState(
  event: Extract<SessionEvent, { type: "session.created" }>,
  id: Session["id"],
): SessionState {
  const { title, repository, baseBranch, baseCommit, branch, model, effort } = event.data;
  const { publishMode, agentPush, permissionMode, networkMode, budget, forkedFrom, copiedFiles } = event.data;
  return {
    session: {
      id,
      title,
      repository,
      baseBranch,
      baseCommit,
      branch,
      model,
      effort,
      status: "idle",
      statusReason: "",
      attention: "done",
      asking: NOTHING_ASKED,
      sandbox: { status: "none", phase: null, reason: null, logTail: null },
      changes: null,
      lastCheckpointId: null,
      lastCommit: null,
      publishedCommit: null,
      publishConflict: null,
      ...INITIAL_DETAILS,
      ...(publishMode && { publishMode }),
      ...(agentPush && { agentPush }),
      ...(permissionMode && { permissionMode }),
      ...(networkMode && { networkMode }),
      ...(budget && { budget }),
      ...(forkedFrom && { forkedFrom }),
      ...(copiedFiles && { copiedFiles }),
      usage: { inputTokens: 0, outputTokens: 0, costUsd: 0 },
      lastSeq: event.seq,
      seenSeq: event.seq,
      archived: false,
      deletedAt: null,
      createdAt: event.at,
      lastActivityAt: event.at,
    },
    prompts: [],
    boot: null,
    task: null,
    statusDetail: null,
    stopping: false,
    checkpointSeq: 0,
    generation: 0,
    restored: null,
    queuedSince: null,
    runningSince: null,
    budgetWarnings: [],
    purgedAt: null,
  };
}
