import { newId, type SessionId } from "@background-agents/shared/ids";
import { splitModelId } from "@background-agents/shared/models/catalogue";
import type { SandboxSpec } from "@background-agents/shared/protocol/supervisor-frames";
import type { Session } from "@background-agents/shared/sessions/session";
import { AppError, messageOf } from "../lib/app-error.ts";
import { createKeyedMutex } from "../lib/keyed-mutex.ts";
import type { Log } from "../lib/logger.ts";
import type { PublishOutcome } from "../repositories/publish.ts";
import type { SandboxManager } from "../sandboxes/sandbox-manager.ts";
import { decide } from "./session-machine.ts";
import type { SessionRecorder } from "./session-recorder.ts";
import { activePrompt, nextQueuedPrompt, type SessionState } from "./session-state.ts";
import type { SessionStore } from "./session-store.ts";

export interface EffectsDeps {
  store: SessionStore;
  recorder: SessionRecorder;
  sandboxes: SandboxManager;
  buildSpec(session: Session): Promise<SandboxSpec>;
  /** Path of the mirror the sandbox clones from; made again where it is missing. */
  ensureMirror(session: Session): Promise<string>;
  publish(state: SessionState): Promise<PublishOutcome>;
  log: Log;
}

export type SessionEffects = ReturnType<typeof createSessionEffects>;

/**
 * What follows from a session's state, after its commit: start a sandbox, hand over a prompt, publish. `advance` looks
 * at the rows and does what is due, so it may be called at any time, any number of times, and after a restart.
 */
export function createSessionEffects(deps: EffectsDeps) {
  const { store, recorder, sandboxes, log } = deps;
  const oneAtATime = createKeyedMutex();
  const pending = new Set<Promise<void>>();
  let closed = false;

  async function startSandbox(session: Session): Promise<void> {
    try {
      const [spec, mirrorPath] = await Promise.all([deps.buildSpec(session), deps.ensureMirror(session)]);
      await sandboxes.start({ sessionId: session.id, spec, mirrorPath });
    } catch (error) {
      log.warn({ sessionId: session.id, error: messageOf(error) }, "a sandbox could not be started");
      const code = error instanceof AppError ? error.code : "sandbox.failed";
      recorder.record(session.id, (state) =>
        decide(state, { type: "sandbox.refuse", code, reason: messageOf(error), logTail: "" }),
      );
    }
  }

  function deliver(state: SessionState): void {
    const prompt = activePrompt(state);
    if (!prompt?.turnId) return;
    const { provider, model } = splitModelId(prompt.model);
    sandboxes.send(state.session.id, {
      type: "prompt.deliver",
      promptId: prompt.id,
      turnId: prompt.turnId,
      text: prompt.text,
      model: { providerID: provider, modelID: model },
      ...(prompt.effort === null ? {} : { effort: prompt.effort }),
    });
    if (state.stopping) sandboxes.send(state.session.id, { type: "turn.stop", turnId: prompt.turnId });
  }

  async function advanceOnce(sessionId: SessionId): Promise<void> {
    const state = store.find(sessionId);
    if (!state || closed) return;
    if (state.session.deletedAt) {
      await sandboxes.stop(sessionId, "the session was deleted");
      return;
    }
    await publishWhenDue(state);
    const { status } = state.session.sandbox;
    const ready = status === "ready" && sandboxes.isConnected(sessionId);
    if (activePrompt(state)) {
      if (ready) deliver(state);
      return;
    }
    if (!nextQueuedPrompt(state)) return;
    if (ready) {
      const begun = recorder.record(sessionId, (now) => decide(now, { type: "turn.begin", turnId: newId("turn") }));
      deliver(begun.state);
    } else if (["none", "stopped", "failed"].includes(status)) {
      await startSandbox(state.session);
    }
  }

  /** The branch in the user's repository follows the last checkpoint; a conflict is shown once, until the next checkpoint. */
  async function publishWhenDue(state: SessionState): Promise<void> {
    const { session, lastCommit } = state;
    if (activePrompt(state) || !lastCommit || lastCommit === session.publishedCommit) return;
    if (lastCommit === session.baseCommit && session.publishedCommit === null) return;
    if (state.publishConflict !== null) return;
    let outcome: PublishOutcome;
    try {
      outcome = await deps.publish(state);
    } catch (error) {
      outcome = { outcome: "conflicted", reason: messageOf(error) };
    }
    const { branch } = session;
    recorder.record(session.id, () => [
      outcome.outcome === "conflicted"
        ? { type: "branch.conflicted", actor: "server", data: { branch, reason: outcome.reason } }
        : { type: "branch.published", actor: "server", data: { branch, commit: lastCommit } },
    ]);
  }

  return {
    /** Does what is due for the session; failures end up on its timeline. */
    advance(sessionId: SessionId): void {
      const run = oneAtATime(sessionId, () => advanceOnce(sessionId)).catch((error: unknown) => {
        log.error({ sessionId, error: messageOf(error) }, "a session could not be advanced");
      });
      pending.add(run);
      void run.finally(() => pending.delete(run));
    },

    /** Tells the supervisor to end the turn under way. */
    stopTurn(sessionId: SessionId): void {
      const state = store.find(sessionId);
      const prompt = state && activePrompt(state);
      if (prompt?.turnId) sandboxes.send(sessionId, { type: "turn.stop", turnId: prompt.turnId });
    },

    /** Waits until nothing is under way; nothing new begins. */
    async close(): Promise<void> {
      closed = true;
      while (pending.size > 0) await Promise.all(pending);
    },
  };
}
