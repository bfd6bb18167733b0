import type { SessionEvent } from "@background-agents/shared/protocol/session-events";
import type { Prompt, Session } from "@background-agents/shared/sessions/session";
import { NOTHING_ASKED } from "./created-state.ts";
import { activePrompt, type SessionState } from "./session-state.ts";

const FAMILIES = ["prompt", "question", "permission", "stop", "part", "retry", "todo"] as const;

/** What happens to prompts and the turn that runs. */
export type PromptEvent = Extract<SessionEvent, { type: `${(typeof FAMILIES)[number]}.${string}` }>;

export function isPromptEvent(event: SessionEvent): event is PromptEvent {
  return FAMILIES.some((family) => event.type.startsWith(`${family}.`));
}

/** Pure: the state after `event`. */
export function projectPromptEvent(state: SessionState, event: PromptEvent): SessionState {
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
      // Of a turn that ended with its sandbox: heard of later.
      if (activePrompt(state)?.id !== event.promptId) return state;
      // A part may settle beside the one that waits for the user.
      if (asking.questions.length + asking.permissions.length > 0) return state;
      return withPrompt({ status: "running" }, { statusDetail: null });
    case "retry.scheduled":
      return withPrompt(
        { status: "waiting" },
        { statusDetail: `waiting for the model provider, try ${event.data.attempt + 1}: ${event.data.message}` },
      );
    case "todo.updated":
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
