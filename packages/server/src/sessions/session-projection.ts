import type { SessionEvent } from "@background-agents/shared/protocol/session-events";
import type { Prompt, Session } from "@background-agents/shared/sessions/session";
import { nextRestored } from "./restored-work.ts";
import { INITIAL_DETAILS } from "./session-details.ts";
import { computeStatus, queueWords } from "./session-status.ts";
import { activePrompt, type SessionState } from "./session-state.ts";

/** Events that happen on their own and should not lift the session to the top of the list. */
const QUIET = new Set<SessionEvent["type"]>([
  "session.archived",
  "session.unarchived",
  "session.configured",
  "session.purged",
]);

const NOTHING_ASKED: Session["asking"] = { questions: [], permissions: [], approvals: [] };

/** Pure: the state after `event`. `undefined` is the state before `session.created`. */
export function project(before: SessionState | undefined, event: SessionEvent, sessionId: Session["id"]): SessionState {
  if (event.type === "session.created") return withStatus(createdState(event, sessionId));
  if (!before) throw new Error(`the first event of a session is session.created, not ${event.type}`);
  const state: SessionState = {
    ...before,
    session: {
      ...before.session,
      lastSeq: event.seq,
      lastActivityAt: QUIET.has(event.type) ? before.session.lastActivityAt : event.at,
    },
  };
  return withStatus(applyEvent(state, event));
}

/** Pure: the user has looked at everything up to `seq`. */
export function markSeen(state: SessionState, seq: number): SessionState {
  const seenSeq = Math.max(state.session.seenSeq, Math.min(seq, state.session.lastSeq));
  return withStatus({ ...state, session: { ...state.session, seenSeq } });
}

function createdState(event: Extract<SessionEvent, { type: "session.created" }>, id: Session["id"]): SessionState {
  const { title, repository, baseBranch, baseCommit, branch, model, effort } = event.data;
  const { publishMode, agentPush, permissionMode, forkedFrom, copiedFiles } = event.data;
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
    statusDetail: null,
    stopping: false,
    checkpointSeq: 0,
    generation: 0,
    restored: null,
    purgedAt: null,
  };
}

function applyEvent(state: SessionState, event: SessionEvent): SessionState {
  const withSession = (changes: Partial<Session>): SessionState => ({
    ...state,
    session: { ...state.session, ...changes },
  });
  const withSandbox = (changes: Partial<Session["sandbox"]>): SessionState =>
    withSession({ sandbox: { status: "none", phase: null, reason: null, logTail: null, ...changes } });
  const withPrompt = (changes: Partial<Prompt>, rest: Partial<SessionState> = {}): SessionState => ({
    ...state,
    ...rest,
    prompts: state.prompts.map((prompt) => (prompt.id === event.promptId ? { ...prompt, ...changes } : prompt)),
  });
  const ended = (changes: Partial<Prompt>): SessionState => {
    // Prompts that are only waiting end without touching the turn that runs.
    if (activePrompt(state)?.id !== event.promptId) return withPrompt({ endedAt: event.at, ...changes });
    const session = { ...state.session, asking: NOTHING_ASKED };
    return withPrompt({ endedAt: event.at, ...changes }, { statusDetail: null, stopping: false, session });
  };
  const withAsking = (asking: Session["asking"]): SessionState => {
    const waits = asking.questions.length + asking.permissions.length > 0;
    const next = withPrompt({ status: waits ? "waiting" : "running" }, { statusDetail: null });
    return { ...next, session: { ...next.session, asking } };
  };
  const { asking } = state.session;

  switch (event.type) {
    case "session.created":
      return state;
    case "session.renamed":
      return withSession({ title: event.data.title });
    case "session.configured":
      return withSession(definedOf(event.data));
    case "session.archived":
      return withSession({ archived: true });
    case "session.unarchived":
      return withSession({ archived: false });
    case "session.deleted":
      return withSession({ deletedAt: event.at });
    case "session.restored":
      return withSession({ deletedAt: null });
    case "session.purged":
      return { ...state, purgedAt: event.at };

    case "sandbox.queued":
      return withSandbox({
        status: "queued",
        reason: queueWords(event.data.reason, event.data.position),
      });
    case "sandbox.creating":
      return { ...withSandbox({ status: "creating" }), boot: event.data.boot };
    case "sandbox.booting":
      return withSandbox({ status: "booting", phase: event.data.phase, reason: event.data.message ?? null });
    case "sandbox.ready":
      return withSandbox({ status: "ready" });
    case "sandbox.stopping":
      return withSandbox({ status: "stopping", reason: event.data.reason });
    case "sandbox.stopped":
      return withSandbox({ status: "stopped", reason: event.data.reason });
    case "sandbox.failed":
      return withSandbox({ status: "failed", reason: event.data.reason, logTail: event.data.logTail });

    case "prompt.queued":
      return { ...state, prompts: [...state.prompts, queuedPrompt(state, event)] };
    case "prompt.edited":
      return withPrompt({ text: event.data.text });
    case "prompt.starting":
      return withPrompt({ status: "starting", turnId: event.turnId ?? null });
    case "prompt.started":
      return withPrompt(
        { status: "running", startedAt: event.at },
        { statusDetail: null, restored: state.restored && { ...state.restored, news: [] } },
      );
    case "prompt.saving":
      return withPrompt({ status: "running" }, { statusDetail: "saving the work" });
    case "prompt.stopping":
      return { ...state, stopping: true };
    case "prompt.completed":
      return ended({ status: "completed" });
    case "prompt.failed":
      return ended({ status: "failed", error: { code: event.data.code, message: event.data.message } });
    case "prompt.interrupted":
      return ended({ status: "interrupted" });
    case "prompt.cancelled":
      return ended({ status: "cancelled" });
    case "prompt.reordered": {
      const place = new Map(event.data.order.map((id, index) => [id, index]));
      const waiting = state.prompts.filter((prompt) => place.has(prompt.id));
      waiting.sort((a, b) => (place.get(a.id) ?? 0) - (place.get(b.id) ?? 0));
      const next = waiting.values();
      return {
        ...state,
        prompts: state.prompts.map((prompt) => (place.has(prompt.id) ? (next.next().value ?? prompt) : prompt)),
      };
    }
    case "prompt.steered":
      return withPrompt({ status: "steered", endedAt: event.at, turnId: event.turnId ?? null });

    case "question.asked":
      return withAsking({ ...asking, questions: [...asking.questions, event.data] });
    case "question.answered":
      return withAsking({
        ...asking,
        questions: asking.questions.filter(({ questionId }) => questionId !== event.data.questionId),
      });
    case "permission.asked":
      return withAsking({ ...asking, permissions: [...asking.permissions, event.data] });
    case "permission.answered":
      return withAsking({
        ...asking,
        permissions: asking.permissions.filter(({ permissionId }) => permissionId !== event.data.permissionId),
      });
    case "stop.escalated":
      return {
        ...state,
        statusDetail: event.data.step === "restart-agent" ? "restarting the agent" : "restarting the sandbox",
      };

    case "part.settled":
      // A part may settle beside the one that waits for the user.
      if (asking.questions.length + asking.permissions.length > 0) return state;
      return withPrompt({ status: "running" }, { statusDetail: null });
    case "retry.scheduled":
      return withPrompt(
        { status: "waiting" },
        { statusDetail: `waiting for the model provider, try ${event.data.attempt + 1}: ${event.data.message}` },
      );

    case "checkpoint.created": {
      const { checkpointId, commit, files, additions, deletions, turn } = event.data;
      const changed = turn === undefined || turn.files > 0;
      return {
        ...withSession({
          lastCheckpointId: checkpointId,
          lastCommit: commit,
          changes: { files, additions, deletions },
        }),
        checkpointSeq: changed ? event.seq : state.checkpointSeq,
      };
    }
    case "branch.published":
      return withSession({ publishedCommit: event.data.commit, branch: event.data.branch, publishConflict: null });
    case "branch.conflicted":
      return withSession({ publishConflict: event.data.reason });
    case "branch.pushed":
      return withSession({ push: event.data.push });
    case "branch.checked-out":
      return withSession({ checkout: event.data });
    case "pull-request.updated":
      return withSession({ pullRequest: event.data.pullRequest });
    case "work.restored": {
      const { checkpointId, commit, generation, files, additions, deletions, base } = event.data;
      const moved = withSession({
        lastCheckpointId: checkpointId,
        lastCommit: commit,
        changes: checkpointId && { files, additions, deletions },
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
    case "usage.recorded": {
      const { usage } = state.session;
      const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, costUsd } = event.data;
      return withSession({
        usage: {
          inputTokens: usage.inputTokens + inputTokens + cacheReadTokens + cacheWriteTokens,
          outputTokens: usage.outputTokens + outputTokens,
          costUsd: usage.costUsd + costUsd,
        },
      });
    }
    case "todo.updated":
    case "checkpoint.failed":
    case "comment.edited":
    case "comment.sent":
    case "job.started":
    case "job.succeeded":
    case "job.failed":
    case "branch.applied":
    case "egress.blocked":
    case "notice.raised":
      return state;
  }
}

function queuedPrompt(state: SessionState, event: Extract<SessionEvent, { type: "prompt.queued" }>): Prompt {
  if (!event.promptId) throw new Error("prompt.queued without promptId");
  return {
    id: event.promptId,
    sessionId: state.session.id,
    text: event.data.text,
    mode: event.data.mode,
    status: "queued",
    model: event.data.model,
    effort: event.data.effort,
    turnId: null,
    error: null,
    createdAt: event.at,
    startedAt: null,
    endedAt: null,
  };
}

function withStatus(state: SessionState): SessionState {
  return { ...state, session: { ...state.session, ...computeStatus(state) } };
}

/** Without the fields that were not given. */
function definedOf<T extends object>(changes: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
