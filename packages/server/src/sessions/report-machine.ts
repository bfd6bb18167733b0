import { isDeepStrictEqual } from "node:util";
import type { PromptId, TurnId } from "@background-agents/shared/ids";
import type { NewSessionEvent } from "@background-agents/shared/protocol/session-events";
import type { ReportBody } from "@background-agents/shared/protocol/supervisor-frames";
import type { Prompt } from "@background-agents/shared/sessions/session";
import { budgetWords } from "@background-agents/shared/usage/budget";
import { withdrawApprovals } from "./approval-machine.ts";
import { failUnfinished, idsOf, sandboxFailed } from "./prompt-endings.ts";
import { activePrompt, type SessionState } from "./session-state.ts";
import { decideSetupReport, isAskedFor } from "./setup-machine.ts";

/**
 * Pure: which events a supervisor's report records. `late`: the prompt of another turn than the active one that the
 * report is about, where that did not end by being stopped as asked. What is told of such a turn records nothing, unless it
 * ended with its sandbox, untold.
 */
export function decideReport(state: SessionState, body: ReportBody, late?: Prompt): NewSessionEvent[] {
  const { boot, task } = state;
  const ofSetup = task === "setup" ? decideSetupReport(state, body) : undefined;
  if (ofSetup) return ofSetup;
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
    case "work.restored": {
      if (body.error === undefined) return [];
      const message = `The sandbox could not be brought to the state you chose: ${body.error}`;
      return [
        { type: "notice.raised", actor: "agent", data: { level: "error", code: "work.restore-failed", message } },
      ];
    }
    case "setup.started": {
      if (isAskedFor(state.session.setup)) return [];
      const { source, again } = body;
      return [{ type: "setup.started", actor: "server", data: { source, ...(again !== undefined && { again }) } }];
    }
    case "setup.ended": {
      if (isAskedFor(state.session.setup)) return [];
      const { outcome, exitCode, durationMs, logTail } = body;
      return [{ type: "setup.ended", actor: "server", data: { outcome, exitCode, durationMs, logTail } }];
    }
    case "secrets.given":
      // Told at each start of the agent; it is news only where it is another list.
      if (isDeepStrictEqual(body.names, state.session.secretNames)) return [];
      return [{ type: "secrets.given", actor: "server", data: { names: body.names } }];
    default:
      return decideTurnReport(state, body, late);
  }
}

type TurnReport = Exclude<
  ReportBody,
  {
    kind:
      | "boot.phase"
      | "boot.ready"
      | "boot.failed"
      | "notice"
      | "work.restored"
      | "setup.started"
      | "setup.ended"
      | "secrets.given";
  }
>;

function decideTurnReport(state: SessionState, body: TurnReport, late: Prompt | undefined): NewSessionEvent[] {
  const active = activePrompt(state);
  if (!active || active.turnId !== body.turnId) return late ? decideLateReport(late, body) : [];
  if (body.kind === "prompt.steered") {
    const steered = state.prompts.find((prompt) => prompt.id === body.promptId && prompt.status === "queued");
    if (!steered) return [];
    return [{ type: "prompt.steered", actor: "agent", promptId: steered.id, turnId: body.turnId, data: {} }];
  }
  if (active.id !== body.promptId) return [];
  const ids = idsOf(active);
  const { questions, permissions } = state.session.asking;
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
    case "question.asked": {
      const { questionId, questions: asked } = body;
      if (questions.some((question) => question.questionId === questionId)) return [];
      return [{ type: "question.asked", actor: "agent", ...ids, data: { questionId, questions: asked } }];
    }
    case "question.closed": {
      const { questionId, answers } = body;
      if (!questions.some((question) => question.questionId === questionId)) return [];
      return [{ type: "question.answered", actor: "agent", ...ids, data: { questionId, answers } }];
    }
    case "permission.asked": {
      const { permissionId, permission, patterns } = body;
      if (permissions.some((asked) => asked.permissionId === permissionId)) return [];
      return [{ type: "permission.asked", actor: "agent", ...ids, data: { permissionId, permission, patterns } }];
    }
    case "permission.closed": {
      const { permissionId, reply, message } = body;
      if (!permissions.some((asked) => asked.permissionId === permissionId)) return [];
      const data = { permissionId, reply, ...(message === undefined ? {} : { message }) };
      return [{ type: "permission.answered", actor: "agent", ...ids, data }];
    }
    case "stop.escalated":
      return [{ type: "stop.escalated", actor: "agent", ...ids, data: { step: body.step, afterMs: body.afterMs } }];
    case "todo.updated":
      return [{ type: "todo.updated", actor: "agent", ...ids, data: { todos: body.todos } }];
    case "turn.saving":
      return [{ type: "prompt.saving", actor: "agent", ...ids, data: {} }];
    case "turn.ended": {
      const events: NewSessionEvent[] = [];
      if (body.saveError !== undefined) {
        events.push({ type: "checkpoint.failed", actor: "server", ...ids, data: { reason: body.saveError } });
      }
      events.push(...withdrawApprovals(state, "The turn ended before you answered."), endOf(state, body, ids));
      return events;
    }
  }
}

/**
 * The turn's sandbox ended before it could tell everything, and the next one tells it: what the agent said, and how it
 * came out. That the turn ended without its end was a fact and stays one; a notice says what was learned since.
 */
function decideLateReport(late: Prompt, body: TurnReport): NewSessionEvent[] {
  const { status, error } = late;
  // `sandbox.stopped`: the turn told its end while its sandbox was being stopped.
  const isOfSandbox = error?.code.startsWith("sandbox.") === true && error.code !== "sandbox.stopped";
  const isUntold = status === "interrupted" || (status === "failed" && isOfSandbox);
  if (!isUntold || late.turnId !== body.turnId || late.id !== body.promptId) return [];
  const ids = idsOf(late);
  if (body.kind === "part.settled") return [{ type: "part.settled", actor: "agent", ...ids, data: body.part }];
  if (body.kind !== "turn.ended" || body.outcome === "interrupted") return [];
  const work = body.saveError === undefined ? "Its work is saved." : "Its work comes with the next turn's.";
  const message =
    body.outcome === "completed"
      ? `The agent had finished this turn before its sandbox ended: there is no need to ask again. ${work}`
      : `The agent had failed before its sandbox ended: ${body.error?.message ?? "it did not say why"}`;
  return [
    { type: "notice.raised", actor: "server", ...ids, data: { level: "info", code: "turn.ended-late", message } },
  ];
}

function endOf(
  { session: { budgetReached, sandbox }, stopping }: SessionState,
  body: Extract<TurnReport, { kind: "turn.ended" }>,
  ids: { promptId: PromptId; turnId?: TurnId },
): NewSessionEvent {
  // Whatever the agent made of being stopped (a refused call looks like a failure to it), this is why it ended.
  if (budgetReached && stopping && body.outcome !== "completed") {
    const reason = `budget reached: ${budgetWords(budgetReached)}`;
    return { type: "prompt.interrupted", actor: "server", ...ids, data: { reason } };
  }
  // Its sandbox is being stopped under it, for a reason that the user can do something about.
  if (sandbox.status === "stopping" && !stopping && body.outcome !== "completed") {
    const error = { code: "sandbox.stopped", message: sandbox.reason ?? "The sandbox was stopped." };
    return { type: "prompt.failed", actor: "server", ...ids, data: error };
  }
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
