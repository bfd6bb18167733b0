import { newId, type SessionId } from "@background-agents/shared/ids";
import { splitModelId } from "@background-agents/shared/models/catalogue";
import type { SandboxSpec, SandboxTask } from "@background-agents/shared/protocol/supervisor-frames";
import type { Session } from "@background-agents/shared/sessions/session";
import { messageOf } from "../lib/app-error.ts";
import type { Clock } from "../lib/clock.ts";
import type { Failpoint } from "../lib/failpoint.ts";
import { createKeyedMutex } from "../lib/keyed-mutex.ts";
import type { Log } from "../lib/logger.ts";
import type { OpencodePermission } from "../models/opencode-config.ts";
import type { PublishOutcome } from "../repositories/publish.ts";
import type { EnginePresence } from "../sandboxes/engine-presence.ts";
import type { SandboxManager } from "../sandboxes/sandbox-manager.ts";
import type { SandboxPlaces } from "../sandboxes/sandbox-places.ts";
import { createBranchEffects } from "./branch-effects.ts";
import type { AnswerFrame } from "./given-answers.ts";
import { createIdleEffects } from "./idle-effects.ts";
import { tellNews, toRestoreOrder } from "./restored-work.ts";
import { decide } from "./session-machine.ts";
import { nextSetupStep, type SetupStep } from "./setup-machine.ts";
import type { SetupPlan } from "./setup-plan.ts";
import type { SessionRecorder } from "./session-recorder.ts";
import { activePrompt, nextQueuedPrompt, type SessionState } from "./session-state.ts";
import type { SessionStore } from "./session-store.ts";
import { createStartEffects } from "./start-effects.ts";
import { createSteeringEffects } from "./steering-effects.ts";
import { createStopEffects } from "./stop-effects.ts";

export interface EffectsDeps {
  store: SessionStore;
  recorder: SessionRecorder;
  sandboxes: SandboxManager;
  buildSpec(state: SessionState, task: SandboxTask): Promise<SandboxSpec>;
  setupPlan: Pick<SetupPlan, "findApart">;
  /** OpenCode's permissions for the session's next turn. */
  permissionOf(session: Session): OpencodePermission;
  /** Path of the mirror the sandbox clones from; made again where it is missing. */
  ensureMirror(session: Session): Promise<string>;
  publish(state: SessionState): Promise<PublishOutcome>;
  /** Throws where the disk has no room for another sandbox, or the session has used up its own. */
  requireSpace(sessionId: SessionId): Promise<void>;
  places: SandboxPlaces;
  engine: EnginePresence;
  /** When somebody last looked at what runs in the session's sandbox; undefined: never. */
  lastUsedAt(sessionId: SessionId): Date | undefined;
  clock: Clock;
  /** A used-up budget keeps the session's queue from going on. */
  isHeld: (sessionId: SessionId) => boolean;
  /** OpenCode's configuration of a model's provider, where a container may have started without it. */
  findProvider: (modelId: string) => Record<string, unknown> | undefined;
  /** The session was looked at and what is due for it was begun: the rooms above may have something to do, too. */
  onAdvanced?: ((sessionId: SessionId) => void) | undefined;
  stopLimitMs?: number | undefined;
  failpoint?: Failpoint | undefined;
  log: Log;
}

export type SessionEffects = ReturnType<typeof createSessionEffects>;

/**
 * What follows from a session's state, after its commit: start a sandbox, hand over a prompt, publish. `advance` looks
 * at the rows and does what is due, so it may be called at any time, any number of times, and after a restart.
 */
export function createSessionEffects(deps: EffectsDeps) {
  const { store, recorder, sandboxes, places, log } = deps;
  const { publishWhenDue } = createBranchEffects(deps);
  const stops = createStopEffects(deps);
  const steering = createSteeringEffects(deps);
  const oneAtATime = createKeyedMutex();
  const idle = createIdleEffects({ ...deps, oneAtATime });
  const pending = new Set<Promise<void>>();
  /** Whose last step failed, for want of the engine or of room on the disk: they are looked at again. */
  const failed = new Set<SessionId>();
  /** Whose agent is to be started although no prompt waits: after the setup script, where that comes first. */
  const resumed = new Set<SessionId>();
  const { startSandbox, forget } = createStartEffects({
    ...{ ...deps, resumed, releasePlace, advanceWaiting },
    makeRoom: () => void idle.makeRoom(),
  });
  let closed = false;

  function releasePlace(sessionId: SessionId): void {
    places.release(sessionId);
    advanceWaiting();
  }

  function advanceWaiting(): void {
    for (const waiting of places.listWaiting()) advance(waiting);
  }

  /** The setup script and the agent follow each other in one place. */
  function goesOn(state: SessionState): boolean {
    const { id, deletedAt } = state.session;
    if (deletedAt) return false;
    if (nextSetupStep(state) === "start") return true;
    return state.task === "setup" && (nextQueuedPrompt(state) !== undefined || resumed.has(id));
  }

  /** Tells the workspace where the user brought the work to; one that is there already does nothing. */
  function followRestored({ session, generation, restored }: SessionState): void {
    if (restored) sandboxes.send(session.id, { type: "work.restore", ...toRestoreOrder(restored, generation) });
  }

  function deliver(state: SessionState): void {
    const prompt = activePrompt(state);
    if (!prompt?.turnId) return;
    if (prompt.status === "starting") followRestored(state);
    const { provider, model } = splitModelId(prompt.model);
    const added = deps.findProvider(prompt.model);
    sandboxes.send(state.session.id, {
      type: "prompt.deliver",
      promptId: prompt.id,
      turnId: prompt.turnId,
      text: tellNews(prompt.text, state.restored?.news ?? []),
      model: { providerID: provider, modelID: model },
      ...(prompt.effort === null ? {} : { effort: prompt.effort }),
      permission: deps.permissionOf(state.session),
      ...(added && { provider: added }),
    });
    steering.steer(state);
    if (state.stopping) stops.stopTurn(state.session.id);
  }

  /** Sees the setup script through in its own container: the agent's is ended for it, and it for the agent's. */
  async function takeSetupStep(state: SessionState, step: NonNullable<SetupStep>): Promise<void> {
    const { id, sandbox } = state.session;
    if (step === "start") await startSandbox(state);
    else if (step === "end-setup") await sandboxes.stop(id, "the setup script has ended");
    else if (step === "end-agent") {
      if (sandbox.status === "ready") resumed.add(id);
      await sandboxes.stop(id, "the setup script runs in a container of its own");
    }
  }

  async function advanceOnce(sessionId: SessionId): Promise<void> {
    const state = store.find(sessionId);
    if (!state || closed) return;
    if (state.session.deletedAt) {
      resumed.delete(sessionId);
      steering.forget(sessionId);
      forget(sessionId);
      releasePlace(sessionId);
      await sandboxes.stop(sessionId, "the session was deleted");
      return;
    }
    await publishWhenDue(state);
    if (stops.isLeftUndone(state)) return stops.finishStop(state);
    const step = nextSetupStep(state);
    if (step !== undefined) return takeSetupStep(state, step);
    const { status } = state.session.sandbox;
    const ready = status === "ready" && sandboxes.isConnected(sessionId);
    if (activePrompt(state)) {
      if (ready) deliver(state);
      return;
    }
    if (ready && sandboxes.isOutdated(sessionId)) {
      // Its end brings us here again: what waits then begins in a container of today's image.
      await sandboxes.stop(sessionId, "its sandbox was of an older version");
      return;
    }
    if (ready) followRestored(state);
    if (!nextQueuedPrompt(state) || deps.isHeld(sessionId)) {
      if (resumed.has(sessionId) && ["stopped", "queued"].includes(status)) await startSandbox(state);
      else if (status === "queued") {
        recorder.record(sessionId, (now) => decide(now, { type: "sandbox.unqueue" }));
        releasePlace(sessionId);
      } else if (places.listHolders().includes(sessionId) && ["none", "stopped", "failed"].includes(status)) {
        releasePlace(sessionId);
      } else if (ready && places.listWaiting().length > 0) void idle.makeRoom();
      return;
    }
    if (ready) {
      const begun = recorder.record(sessionId, (now) => decide(now, { type: "turn.begin", turnId: newId("turn") }));
      deliver(begun.state);
    } else if (["none", "queued", "stopped", "failed"].includes(status)) {
      await startSandbox(state);
    }
  }

  function advance(sessionId: SessionId): void {
    const run = async (): Promise<void> => {
      failed.delete(sessionId);
      try {
        await advanceOnce(sessionId);
      } catch (error) {
        failed.add(sessionId);
        throw error;
      }
    };
    track(
      sessionId,
      oneAtATime(sessionId, run).finally(() => deps.onAdvanced?.(sessionId)),
    );
  }

  /** Keeps sight of work under way, so that closing can wait for it. */
  function track(sessionId: SessionId, work: Promise<void>): void {
    const run = work.catch((error: unknown) => {
      log.error({ sessionId, error: messageOf(error) }, "a session could not be advanced");
    });
    pending.add(run);
    void run.finally(() => pending.delete(run));
  }

  return {
    /** Does what is due for the session; failures end up on its timeline. */
    advance,

    /** Goes on with all that was under way when the server ended. `sessionIds`: who waits longer stands before others. */
    recover(sessionIds: readonly SessionId[]): void {
      for (const id of sessionIds) if (store.find(id)?.session.sandbox.status === "queued") places.queueUp(id);
      for (const id of sessionIds) advance(id);
    },

    /** The session's sandbox is gone: its place goes to the next in line, unless its own next container takes it. */
    sandboxEnded(sessionId: SessionId): void {
      const state = store.find(sessionId);
      if (!state || !goesOn(state)) releasePlace(sessionId);
    },

    /** Looks again at those who wait, and at what failed or was left undone: what was in the way may be gone. */
    advanceWaiting(): void {
      const states = places.listHolders().flatMap((id) => store.find(id) ?? []);
      const undone = states.filter((state) => stops.isLeftUndone(state)).map(({ session }) => session.id);
      for (const id of new Set([...failed, ...undone])) if (!places.listWaiting().includes(id)) advance(id);
      advanceWaiting();
    },

    stopIdleSince: idle.stopIdleSince,

    stopTurn: stops.stopTurn,

    isHandedOver: steering.isHandedOver,

    /** Starts the session's sandbox although no prompt waits; does nothing where one runs or is on its way. */
    resume(sessionId: SessionId): void {
      track(
        sessionId,
        oneAtATime(sessionId, async () => {
          const state = store.find(sessionId);
          const isDown = ["none", "stopped", "failed"].includes(state?.session.sandbox.status ?? "");
          if (!state || closed || !isDown) return;
          resumed.add(sessionId);
          await startSandbox(state);
        }),
      );
    },

    /** False where no sandbox took it. */
    sendSetup: (sessionId: SessionId, type: "setup.run" | "setup.stop"): boolean => sandboxes.send(sessionId, { type }),

    sendAnswer(sessionId: SessionId, answer: AnswerFrame): void {
      sandboxes.send(sessionId, answer);
    },

    /** Waits until nothing is under way; nothing new begins. */
    async close(): Promise<void> {
      closed = true;
      stops.close();
      while (pending.size > 0) await Promise.all(pending);
    },
  };
}
