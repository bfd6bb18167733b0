import { newId, type PromptId, type SessionId } from "@background-agents/shared/ids";
import type { SendPromptBody, UpdatePromptBody } from "@background-agents/shared/protocol/commands";
import type { NewSessionEvent } from "@background-agents/shared/protocol/session-events";
import type { Prompt } from "@background-agents/shared/sessions/session";
import { AppError } from "../lib/app-error.ts";
import { hashOf, wasCreated } from "./creation-key.ts";
import { decide } from "./session-machine.ts";
import type { SessionEffects } from "./session-effects.ts";
import type { SessionRecorder } from "./session-recorder.ts";
import { activePrompt, type SessionState } from "./session-state.ts";
import type { SessionStore } from "./session-store.ts";

export interface SessionPromptsDeps {
  store: SessionStore;
  recorder: SessionRecorder;
  effects: Pick<SessionEffects, "advance" | "isHandedOver">;
  models: {
    /** Throws where the model is unknown or cannot be used, or does not take the effort. */
    require(model: string, effort?: string): unknown;
  };
}

/** What is recorded in one transaction with a prompt. */
export interface PromptCompanion {
  /** What the prompt's id stands for: the same id with another key is refused. */
  key: unknown;
  decide(promptId: PromptId): NewSessionEvent[];
  save(promptId: PromptId): void;
}

/** The verbs of a session's prompts: what is asked, in which order, and what is taken back. */
export function createSessionPrompts(deps: SessionPromptsDeps) {
  const { store, recorder, effects } = deps;

  /** The id for a new prompt: the given one, unless it is taken. */
  function takeId(given: PromptId | undefined): PromptId {
    const promptId = given ?? newId("prompt");
    if (!store.findPrompt(promptId)) return promptId;
    throw new AppError("id.conflict", `The prompt id ${promptId} is taken: make a new one.`);
  }

  /**
   * Ended prompts are no longer in the machine's sight, so that they ended is said here; and so is that the agent was
   * given one to steer its turn, which no event tells before the agent has taken it.
   */
  function requireQueued(sessionId: SessionId, promptId: PromptId): void {
    const { status } = requirePrompt(sessionId, promptId);
    if (status !== "queued") {
      throw new AppError("prompt.not-queued", `The prompt is ${status}: only a queued prompt can be changed.`);
    }
    const state = store.find(sessionId);
    if (state && effects.isHandedOver(state, promptId)) {
      throw new AppError(
        "prompt.not-queued",
        "The agent has been given this prompt, to steer its turn: it can no longer be changed. Send another, or stop the turn.",
      );
    }
  }

  function requirePrompt(sessionId: SessionId, promptId: PromptId): Prompt {
    const prompt = store.findPrompt(promptId);
    if (!prompt || prompt.sessionId !== sessionId) {
      throw new AppError("prompt.not-found", "There is no such prompt in this session.");
    }
    return prompt;
  }

  return {
    takeId,

    /** Queues a prompt; what comes `along` is recorded with it. */
    async send(id: SessionId, body: SendPromptBody, along?: PromptCompanion): Promise<Prompt> {
      const { session } = requireSession(store, id);
      const key = along?.key ?? { session: id, ...body };
      if (body.id === undefined || !wasCreated(store, body.id, key)) {
        const model = body.model ?? session.model;
        const effort = body.effort === undefined ? (body.model === undefined ? session.effort : null) : body.effort;
        deps.models.require(model, effort ?? undefined);
        const promptId = takeId(body.id);
        recorder.record(
          id,
          (state) => [
            ...decide(state, {
              type: "prompt.send",
              promptId,
              text: body.text,
              mode: body.mode ?? "queue",
              model,
              effort,
            }),
            ...(along?.decide(promptId) ?? []),
          ],
          () => {
            store.recordCreation(promptId, hashOf(key));
            along?.save(promptId);
          },
        );
        effects.advance(id);
        return requirePrompt(id, promptId);
      }
      return requirePrompt(id, body.id);
    },

    update(id: SessionId, promptId: PromptId, { text, before }: UpdatePromptBody): Prompt {
      requireQueued(id, promptId);
      recorder.record(id, (state) => [
        ...(text === undefined ? [] : decide(state, { type: "prompt.edit", promptId, text })),
        ...(before === undefined ? [] : decide(state, { type: "prompt.move", promptId, before })),
      ]);
      return requirePrompt(id, promptId);
    },

    cancel(id: SessionId, promptId: PromptId): Prompt {
      requireQueued(id, promptId);
      const { state } = recorder.record(id, (now) => decide(now, { type: "prompt.cancel", promptId }));
      // Where that was all the session waited for, it leaves the line.
      if (!activePrompt(state)) effects.advance(id);
      return requirePrompt(id, promptId);
    },
  };
}

/** The session as it is now; throws where there is none. */
export function requireSession(store: SessionStore, id: SessionId): SessionState {
  const state = store.find(id);
  if (!state) throw new AppError("session.not-found", "There is no such session.");
  return state;
}
