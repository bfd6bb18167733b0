import type { NewSessionEvent } from "@background-agents/shared/protocol/session-events";
import type { BootId, PromptId, TurnId } from "@background-agents/shared/ids";
import type { PermissionReply, QuestionAnswers } from "@background-agents/shared/sessions/asking";
import type { SandboxTask } from "@background-agents/shared/protocol/supervisor-frames";
import type { NetworkMode } from "@background-agents/shared/egress/network";
import type { AgentPush } from "@background-agents/shared/sessions/approval";
import type {
  ModelId,
  PermissionMode,
  Prompt,
  PromptMode,
  PublishMode,
  Session,
} from "@background-agents/shared/sessions/session";
import { AppError } from "../lib/app-error.ts";
import { withdrawApprovals } from "./approval-machine.ts";
import { decidePurge, decideRestore } from "./session-deletion.ts";
import { failUnfinished, idsOf, sandboxFailed } from "./prompt-endings.ts";
import { activePrompt, nextQueuedPrompt, type SessionState } from "./session-state.ts";
import { isTold, type Queued } from "./session-status.ts";
import { decideSetupEnd, decideSetupRefusal, isAskedFor } from "./setup-machine.ts";

/**
 * Pure: which events a command records. Throws AppError where the command is refused; an empty list means there is
 * nothing to record (a repetition).
 *
 * | prompt   | command                        | records                          |
 * |----------|--------------------------------|----------------------------------|
 * | –        | prompt.send                    | prompt.queued                    |
 * | queued   | prompt.edit, prompt.cancel     | prompt.edited, prompt.cancelled  |
 * | queued   | turn.begin (sandbox ready)     | prompt.starting                  |
 * | starting | report turn.started            | prompt.started                   |
 * | starting | turn.stop                      | prompt.stopping                  |
 * | running  | turn.stop                      | prompt.stopping                  |
 * | running  | report turn.saving, turn.ended | prompt.saving, prompt.completed / failed / interrupted |
 * | active   | sandbox.lost                   | prompt.failed                    |
 */
export type SessionCommand =
  | ({ type: "session.update"; title?: string; effort?: string | null; archived?: boolean } & SettingsChange)
  | { type: "session.delete" }
  | { type: "session.restore"; now: Date }
  | { type: "session.purge"; now: Date }
  | { type: "prompt.send"; promptId: PromptId; text: string; mode: PromptMode; model: ModelId; effort: string | null }
  | { type: "prompt.edit"; promptId: PromptId; text: string }
  | { type: "prompt.move"; promptId: PromptId; before: PromptId | null }
  | { type: "prompt.cancel"; promptId: PromptId }
  | { type: "question.answer"; questionId: string; answers: QuestionAnswers }
  | { type: "permission.answer"; permissionId: string; reply: PermissionReply; message?: string }
  | { type: "turn.begin"; turnId: TurnId }
  | { type: "turn.stop" }
  | { type: "stop.escalate"; turnId: TurnId; afterMs: number }
  | ({ type: "sandbox.queue" } & Queued)
  | { type: "sandbox.unqueue" }
  | { type: "sandbox.create"; boot: BootId; task?: SandboxTask }
  | { type: "sandbox.refuse"; code: string; reason: string; logTail: string }
  | {
      type: "sandbox.end";
      boot: BootId;
      reason: string;
      exitCode: number | null;
      logTail: string;
      expected: boolean;
      code?: "sandbox.unsafe";
    };

/** What the user sets for a session; what is absent stays. */
export interface SettingsChange {
  model?: ModelId;
  publishMode?: PublishMode;
  agentPush?: AgentPush;
  permissionMode?: PermissionMode;
  networkMode?: NetworkMode;
}

/** What a deleted session still takes. */
const ON_DELETED = new Set<SessionCommand["type"]>([
  "session.restore",
  "session.delete",
  "session.purge",
  "sandbox.end",
]);

export function decide(state: SessionState, command: SessionCommand): NewSessionEvent[] {
  if (state.session.deletedAt && !ON_DELETED.has(command.type)) {
    throw new AppError("session.deleted", "The session is deleted: restore it first.");
  }
  switch (command.type) {
    case "session.update":
      return decideUpdate(state.session, command);
    case "session.delete":
      return state.session.deletedAt ? [] : [{ type: "session.deleted", actor: "user", data: {} }];
    case "session.restore":
      return decideRestore(state, command.now);
    case "session.purge":
      return decidePurge(state, command.now);
    case "prompt.send": {
      const { promptId, text, mode, model, effort } = command;
      return [{ type: "prompt.queued", actor: "user", promptId, data: { text, mode, model, effort } }];
    }
    case "prompt.edit":
      requireQueued(state, command.promptId);
      return [{ type: "prompt.edited", actor: "user", promptId: command.promptId, data: { text: command.text } }];
    case "prompt.move":
      return decideMove(state, command);
    case "prompt.cancel":
      requireQueued(state, command.promptId);
      return [{ type: "prompt.cancelled", actor: "user", promptId: command.promptId, data: {} }];
    case "turn.begin": {
      const next = nextQueuedPrompt(state);
      if (!next || activePrompt(state) || isAskedFor(state.session.setup)) return [];
      return [{ type: "prompt.starting", actor: "server", promptId: next.id, turnId: command.turnId, data: {} }];
    }
    case "question.answer":
    case "permission.answer":
      return decideAnswer(state, command);
    case "turn.stop":
      return decideStop(state);
    case "stop.escalate": {
      const active = activePrompt(state);
      if (!active || active.turnId !== command.turnId || !state.stopping) return [];
      const data = { step: "restart-container" as const, afterMs: command.afterMs };
      return [{ type: "stop.escalated", actor: "server", ...idsOf(active), data }];
    }
    case "sandbox.queue": {
      const { type: _type, ...data } = command;
      return isTold(state.session.sandbox, data) ? [] : [{ type: "sandbox.queued", actor: "server", data }];
    }
    case "sandbox.unqueue":
      if (state.session.sandbox.status !== "queued") return [];
      return [
        {
          type: "sandbox.stopped",
          actor: "server",
          data: { reason: "nothing is asked of it any more", exitCode: null },
        },
      ];
    case "sandbox.create": {
      const { boot, task } = command;
      return [{ type: "sandbox.creating", actor: "server", data: { boot, ...(task === "setup" && { task }) } }];
    }
    case "sandbox.refuse":
      return [
        ...decideSetupRefusal(state, command.reason),
        sandboxFailed(command),
        ...failUnfinished(state, command.code, command.reason),
      ];
    case "sandbox.end":
      return decideEnd(state, command);
  }
}

function decideMove(state: SessionState, command: Extract<SessionCommand, { type: "prompt.move" }>): NewSessionEvent[] {
  const { promptId, before } = command;
  requireQueued(state, promptId);
  if (before !== null) requireQueued(state, before);
  const waiting = state.prompts.filter((prompt) => prompt.status === "queued").map((prompt) => prompt.id);
  const order = waiting.filter((id) => id !== promptId);
  order.splice(before === null || before === promptId ? order.length : order.indexOf(before), 0, promptId);
  if (before === promptId || order.every((id, index) => id === waiting[index])) return [];
  return [{ type: "prompt.reordered", actor: "user", data: { order } }];
}

function decideUpdate(
  session: Session,
  command: Extract<SessionCommand, { type: "session.update" }>,
): NewSessionEvent[] {
  const events: NewSessionEvent[] = [];
  if (command.title !== undefined && command.title !== session.title) {
    events.push({ type: "session.renamed", actor: "user", data: { title: command.title } });
  }
  const model = command.model ?? session.model;
  const effort = command.effort === undefined ? session.effort : command.effort;
  const changed = changedSettings(session, command);
  if (model !== session.model || effort !== session.effort || Object.keys(changed).length > 0) {
    events.push({ type: "session.configured", actor: "user", data: { model, effort, ...changed } });
  }
  if (command.archived !== undefined && command.archived !== session.archived) {
    events.push({ type: command.archived ? "session.archived" : "session.unarchived", actor: "user", data: {} });
  }
  return events;
}

function changedSettings(session: Session, { publishMode, agentPush, permissionMode, networkMode }: SettingsChange) {
  return {
    ...(networkMode && networkMode !== session.networkMode && { networkMode }),
    ...(publishMode && publishMode !== session.publishMode && { publishMode }),
    ...(agentPush && agentPush !== session.agentPush && { agentPush }),
    ...(permissionMode && permissionMode !== session.permissionMode && { permissionMode }),
  };
}

/** The answer is recorded before the agent hears it; the agent asks again after a crash and then hears it again. */
function decideAnswer(
  state: SessionState,
  command: Extract<SessionCommand, { type: "question.answer" | "permission.answer" }>,
): NewSessionEvent[] {
  const active = activePrompt(state);
  const { questions, permissions } = state.session.asking;
  if (command.type === "question.answer") {
    const { questionId, answers } = command;
    const asked = questions.find((question) => question.questionId === questionId);
    if (!asked || !active)
      throw new AppError("question.not-open", "This question is not open: it was answered, or its turn ended.");
    if (answers !== null && answers.length !== asked.questions.length) {
      throw new AppError(
        "request.invalid",
        `answers: give one list for each of the ${asked.questions.length} questions`,
      );
    }
    return [{ type: "question.answered", actor: "user", ...idsOf(active), data: { questionId, answers } }];
  }
  const { permissionId, reply, message } = command;
  if (!active || !permissions.some((permission) => permission.permissionId === permissionId)) {
    throw new AppError(
      "permission.not-open",
      "This permission is not asked for any more: it was answered, or its turn ended.",
    );
  }
  const data = { permissionId, reply, ...(message === undefined ? {} : { message }) };
  return [{ type: "permission.answered", actor: "user", ...idsOf(active), data }];
}

function decideStop(state: SessionState): NewSessionEvent[] {
  const active = activePrompt(state);
  if (active) {
    if (state.stopping) return [];
    return [{ type: "prompt.stopping", actor: "user", ...idsOf(active), data: {} }];
  }
  const queued = state.prompts.filter((prompt) => prompt.status === "queued");
  if (queued.length === 0) {
    throw new AppError("session.nothing-to-stop", "Nothing runs in this session, so there is nothing to stop.");
  }
  return queued.map((prompt) => ({ type: "prompt.cancelled", actor: "user", promptId: prompt.id, data: {} }));
}

/** The container ended. What was under way in it is over; queued prompts go on in the next container. */
function decideEnd(state: SessionState, command: Extract<SessionCommand, { type: "sandbox.end" }>): NewSessionEvent[] {
  if (state.boot !== command.boot) return [];
  if (["stopped", "failed", "none", "queued"].includes(state.session.sandbox.status)) return [];
  const active = activePrompt(state);
  const events = withdrawApprovals(state, "The sandbox ended before you answered.");
  if (state.task === "setup") return [...events, ...decideSetupEnd(state, command)];
  const { setup } = state.session;
  if (setup?.status === "running" && !isAskedFor(setup)) {
    // It went with the container, which could not tell any more.
    const data = { outcome: "stopped" as const, exitCode: null, durationMs: 0, logTail: setup.logTail };
    events.push({ type: "setup.ended", actor: "server", data });
  }
  if (command.expected) {
    events.push({
      type: "sandbox.stopped",
      actor: "server",
      data: { reason: command.reason, exitCode: command.exitCode },
    });
  } else {
    events.push(
      sandboxFailed({ code: command.code ?? "sandbox.lost", reason: command.reason, logTail: command.logTail }),
    );
  }
  if (active && state.stopping) {
    events.push({ type: "prompt.interrupted", actor: "server", ...idsOf(active), data: { reason: command.reason } });
  } else if (active) {
    const message =
      command.code === undefined
        ? `The sandbox ended while the agent worked: ${command.reason}. What it did until then is kept; the next prompt goes on from there, in a new sandbox.`
        : command.reason;
    const code = command.code ?? "sandbox.lost";
    events.push({ type: "prompt.failed", actor: "server", ...idsOf(active), data: { code, message } });
  } else if (!command.expected && state.session.sandbox.status !== "ready") {
    // It never became ready: the next container would fare no better, so the waiting prompts say why.
    events.push(...failUnfinished(state, "sandbox.failed", `The sandbox did not start: ${command.reason}`));
  }
  return events;
}

function requireQueued(state: SessionState, promptId: PromptId): Prompt {
  const prompt = state.prompts.find((candidate) => candidate.id === promptId);
  if (!prompt) throw new AppError("prompt.not-found", "There is no such prompt waiting in this session.");
  if (prompt.status !== "queued") {
    throw new AppError("prompt.not-queued", `The prompt is ${prompt.status}: only a queued prompt can be changed.`);
  }
  return prompt;
}
