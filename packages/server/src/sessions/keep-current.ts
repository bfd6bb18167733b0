import type { SessionId } from "@background-agents/shared/ids";
import type { SandboxSpec } from "@background-agents/shared/protocol/supervisor-frames";
import { messageOf } from "../lib/app-error.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/logger.ts";
import type { EnginePresence } from "../sandboxes/engine-presence.ts";
import { type ExpectedSandbox, reconcile, startReconciling } from "../sandboxes/reconcile.ts";
import type { SandboxEnd } from "../sandboxes/sandbox-callbacks.ts";
import type { SandboxManager } from "../sandboxes/sandbox-manager.ts";
import type { SandboxProvider } from "../sandboxes/sandbox-provider.ts";
import type { SessionEffects } from "./session-effects.ts";
import type { SessionState } from "./session-state.ts";
import type { SessionStore } from "./session-store.ts";

const LOOK_EVERY_MS = 10_000;

/**
 * Takes over what runs, ends what is gone, goes on with what was under way; and from then on keeps rows, engine and
 * waiting sessions in step. The answer stops the watching.
 */
export async function keepCurrent(deps: {
  provider: SandboxProvider;
  sandboxes: SandboxManager;
  engine: Pick<EnginePresence, "noteAnswer">;
  effects: SessionEffects;
  store: SessionStore;
  buildSpec: (state: SessionState) => Promise<SandboxSpec>;
  idleTimeoutMs: number;
  onEngineInfo: (info: { memoryBytes: number }) => void;
  onEnd: (sessionId: SessionId, end: SandboxEnd) => void;
  clock: Clock;
  log: Log;
}): Promise<() => void> {
  const { provider, sandboxes, effects, store, idleTimeoutMs, onEnd, log } = deps;
  const listExpected = () => store.listUnsettled().flatMap((id) => expectedOf(store.find(id), deps.buildSpec));
  let failed = false;
  const look = async (): Promise<void> => {
    try {
      deps.onEngineInfo(await provider.info());
      await reconcile({ provider, manager: sandboxes, listExpected, onEnd, log });
    } catch (error) {
      failed = true;
      throw error;
    }
    // Those who wait for the engine need not wait for the next look at them.
    if (deps.engine.noteAnswer() || failed) effects.advanceWaiting();
    failed = false;
  };
  try {
    await look();
  } catch (error) {
    log.warn({ error: messageOf(error) }, "the Docker engine was not asked what runs; it is asked again");
  }
  const stopEvents = provider.watch((instance) => {
    sandboxes.noticeEnd(instance).catch((error: unknown) => {
      const { sessionId } = instance;
      log.error({ sessionId, error: messageOf(error) }, "a sandbox's end could not be recorded; the reconciler does");
    });
  });
  const stopTimer = startReconciling(look, { failed, log });
  const waitTimer = setInterval(
    () => {
      effects.advanceWaiting();
      void effects.stopIdleSince(new Date(deps.clock.now().getTime() - idleTimeoutMs));
    },
    Math.min(LOOK_EVERY_MS, idleTimeoutMs),
  );
  effects.recover(store.listUnsettled());
  return () => {
    stopEvents();
    stopTimer();
    clearInterval(waitTimer);
  };
}

/** The sandbox that the session's row says runs; none where it says otherwise. */
function expectedOf(
  state: SessionState | undefined,
  buildSpec: (state: SessionState) => Promise<SandboxSpec>,
): ExpectedSandbox[] {
  if (!state?.boot) return [];
  const { id, sandbox } = state.session;
  // One that waits for its place has no container yet; the row's boot is the one before.
  if (["none", "stopped", "failed", "queued"].includes(sandbox.status)) return [];
  const creating = sandbox.status === "creating";
  return [{ sessionId: id, boot: state.boot, creating, spec: () => buildSpec(state) }];
}
