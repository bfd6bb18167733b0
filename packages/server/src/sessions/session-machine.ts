import type { ReportBody } from "@background-agents/shared/protocol/supervisor-frames";
import type { NewSessionEvent } from "@background-agents/shared/protocol/session-events";
import type { BootId, PromptId, TurnId } from "@background-agents/shared/ids";
import type { ModelId, Prompt, PromptMode, Session } from "@background-agents/shared/sessions/session";
import { AppError } from "../lib/app-error.ts";
import { activePrompt, hasEnded, nextQueuedPrompt, type SessionState } from "./session-state.ts";
import { queueWords } from "./session-status.ts";

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
  | { type: "session.update"; title?: string; model?: ModelId; effort?: string | null; archived?: boolean }
  | { type: "session.delete" }
  | { type: "session.restore" }
  | { type: "prompt.send"; promptId: PromptId; text: string; mode: PromptMode; model: ModelId; effort: string | null }
  | { type: "prompt.edit"; promptId: PromptId; text: string }
  | { type: "prompt.cancel"; promptId: PromptId }
  | { type: "turn.begin"; turnId: TurnId }
  | { type: "turn.stop" }
  | { type: "sandbox.queue"; reason: "limit" | "memory"; position: number }
  | { type: "sandbox.unqueue" }
  | { type: "sandbox.create"; boot: BootId }
  | { type: "sandbox.refuse"; code: string; reason: string; logTail: string }
  | { type: "sandbox.end"; boot: BootId; reason: string; exitCode: number | null; logTail: string; expected: boolean };

export function decide(state: SessionState, command: SessionCommand): NewSessionEvent[] {
  if (state.session.deletedAt && !["session.restore", "session.delete", "sandbox.end"].includes(command.type)) {
    throw new AppError("session.deleted", "The session is deleted: restore it first.");
  }
  switch (command.type) {
    case "session.update":
      return decideUpdate(state.session, command);
    case "session.delete":
      return state.session.deletedAt ? [] : [{ type: "session.deleted", actor: "user", data: {} }];
    case "session.restore":
      return state.session.deletedAt ? [{ type: "session.restored", actor: "user", data: {} }] : [];
    case "prompt.send": {
      const { promptId, text, mode, model, effort } = command;
      return [{ type: "prompt.queued", actor: "user", promptId, data: { text, mode, model, effort } }];
    }
    case "prompt.edit":
      requireQueued(state, command.promptId);
      return [{ type: "prompt.edited", actor: "user", promptId: command.promptId, data: { text: command.text } }];
    case "prompt.cancel":
      requireQueued(state, command.promptId);
      return [{ type: "prompt.cancelled", actor: "user", promptId: command.promptId, data: {} }];
    case "turn.begin": {
      const next = nextQueuedPrompt(state);
      if (!next || activePrompt(state)) return [];
      return [{ type: "prompt.starting", actor: "server", promptId: next.id, turnId: command.turnId, data: {} }];
    }
    case "turn.stop":
      return decideStop(state);
    case "sandbox.queue": {
      const { reason, position } = command;
      const { sandbox } = state.session;
      if (sandbox.status === "queued" && sandbox.reason === queueWords(reason, position)) return [];
      return [{ type: "sandbox.queued", actor: "server", data: { reason, position } }];
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
    case "sandbox.create":
      return [{ type: "sandbox.creating", actor: "server", data: { boot: command.boot } }];
    case "sandbox.refuse":
      return [sandboxFailed(command), ...failUnfinished(state, command.code, command.reason)];
    case "sandbox.end":
      return decideEnd(state, command);
  }
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
  if (model !== session.model || effort !== session.effort) {
    events.push({ type: "session.configured", actor: "user", data: { model, effort } });
  }
  if (command.archived !== undefined && command.archived !== session.archived) {
    events.push({ type: command.archived ? "session.archived" : "session.unarchived", actor: "user", data: {} });
  }
  return events;
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
  if (["stopped", "failed", "none"].includes(state.session.sandbox.status)) return [];
  const active = activePrompt(state);
  const events: NewSessionEvent[] = [];
  if (command.expected) {
    events.push({
      type: "sandbox.stopped",
      actor: "server",
      data: { reason: command.reason, exitCode: command.exitCode },
    });
  } else {
    events.push(sandboxFailed({ code: "sandbox.lost", reason: command.reason, logTail: command.logTail }));
  }
  if (active && state.stopping) {
    events.push({ type: "prompt.interrupted", actor: "server", ...idsOf(active), data: { reason: command.reason } });
  } else if (active) {
    const message = `The sandbox ended while the agent worked: ${command.reason}. Send the prompt again to go on in a new one.`;
    events.push({ type: "prompt.failed", actor: "server", ...idsOf(active), data: { code: "sandbox.lost", message } });
  } else if (!command.expected && state.session.sandbox.status !== "ready") {
    // It never became ready: the next container would fare no better, so the waiting prompts say why.
    events.push(...failUnfinished(state, "sandbox.failed", `The sandbox did not start: ${command.reason}`));
  }
  return events;
}

/** Pure: which events a supervisor's report records. Reports of another turn than the active one record nothing. */
export function decideReport(state: SessionState, body: ReportBody): NewSessionEvent[] {
  const boot = state.boot;
  switch (body.kind) {
    case "boot.phase":
      if (!boot || state.session.sandbox.status === "ready") return [];
      return [
        {
          type: "sandbox.booting",
          actor: "server",
          data: { boot, phase: body.phase, ...(body.message === undefined ? {} : { message: body.message }) },
        },
      ];
    case "boot.ready":
      if (!boot) return [];
      return [
        {
          type: "sandbox.ready",
          actor: "server",
          data: { boot, opencodeVersion: body.opencodeVersion, bootMs: body.bootMs },
        },
      ];
    case "boot.failed": {
      const reason = `The sandbox did not start (${body.phase}): ${body.message}`;
      return [
        sandboxFailed({ code: "sandbox.failed", reason, logTail: body.logTail }),
        ...failUnfinished(state, "sandbox.failed", reason),
      ];
    }
    case "notice": {
      const { level, code, message } = body;
      const active = activePrompt(state);
      return [
        { type: "notice.raised", actor: "agent", ...(active ? idsOf(active) : {}), data: { level, code, message } },
      ];
    }
    default:
      return decideTurnReport(state, body);
  }
}

type TurnReport = Exclude<ReportBody, { kind: "boot.phase" | "boot.ready" | "boot.failed" | "notice" }>;

function decideTurnReport(state: SessionState, body: TurnReport): NewSessionEvent[] {
  const active = activePrompt(state);
  if (!active || active.turnId !== body.turnId || active.id !== body.promptId) return [];
  const ids = idsOf(active);
  switch (body.kind) {
    case "turn.started":
      if (active.status !== "starting") return [];
      return [{ type: "prompt.started", actor: "agent", ...ids, data: { messageId: body.messageId } }];
    case "part.settled":
      return [{ type: "part.settled", actor: "agent", ...ids, data: body.part }];
    case "retry.scheduled": {
      const { attempt, message, nextAt } = body;
      return [{ type: "retry.scheduled", actor: "agent", ...ids, data: { attempt, message, nextAt } }];
    }
    case "todo.updated":
      return [{ type: "todo.updated", actor: "agent", ...ids, data: { todos: body.todos } }];
    case "turn.saving":
      return [{ type: "prompt.saving", actor: "agent", ...ids, data: {} }];
    case "turn.ended": {
      const events: NewSessionEvent[] = [];
      if (body.saveError !== undefined) {
        events.push({ type: "checkpoint.failed", actor: "server", ...ids, data: { reason: body.saveError } });
      }
      events.push(endOf(body, ids));
      return events;
    }
  }
}

function endOf(
  body: Extract<TurnReport, { kind: "turn.ended" }>,
  ids: { promptId: PromptId; turnId?: TurnId },
): NewSessionEvent {
  switch (body.outcome) {
    case "completed": {
      const data = { durationMs: body.durationMs, checkpointId: body.checkpointId ?? null };
      return { type: "prompt.completed", actor: "agent", ...ids, data };
    }
    case "interrupted":
      return { type: "prompt.interrupted", actor: "agent", ...ids, data: { reason: body.error?.message ?? "stopped" } };
    case "failed": {
      const error = body.error ?? { code: "agent.failed", message: "The agent ended without saying why." };
      return { type: "prompt.failed", actor: "agent", ...ids, data: error };
    }
  }
}

function sandboxFailed(data: { code: string; reason: string; logTail: string }): NewSessionEvent {
  return {
    type: "sandbox.failed",
    actor: "server",
    data: { code: data.code, reason: data.reason, logTail: data.logTail },
  };
}

function failUnfinished(state: SessionState, code: string, message: string): NewSessionEvent[] {
  return state.prompts
    .filter((prompt) => !hasEnded(prompt))
    .map((prompt) => ({ type: "prompt.failed", actor: "server", ...idsOf(prompt), data: { code, message } }));
}

function idsOf(prompt: Prompt): { promptId: PromptId; turnId?: TurnId } {
  return prompt.turnId ? { promptId: prompt.id, turnId: prompt.turnId } : { promptId: prompt.id };
}

function requireQueued(state: SessionState, promptId: PromptId): Prompt {
  const prompt = state.prompts.find((candidate) => candidate.id === promptId);
  if (!prompt) throw new AppError("prompt.not-found", "There is no such prompt waiting in this session.");
  if (prompt.status !== "queued") {
    throw new AppError("prompt.not-queued", `The prompt is ${prompt.status}: only a queued prompt can be changed.`);
  }
  return prompt;
}
