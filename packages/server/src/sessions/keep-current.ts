import { messageOf } from "../lib/app-error.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/logger.ts";
import { reconcile, startReconciling, type ReconcileDeps } from "../sandboxes/reconcile.ts";
import type { SandboxManager } from "../sandboxes/sandbox-manager.ts";
import type { SandboxProvider } from "../sandboxes/sandbox-provider.ts";
import type { SessionEffects } from "./session-effects.ts";
import type { SessionStore } from "./session-store.ts";

const LOOK_EVERY_MS = 10_000;

/**
 * Takes over what runs, ends what is gone, goes on with what was under way; and from then on keeps rows, engine and
 * waiting sessions in step. The answer stops the watching.
 */
export async function keepCurrent(deps: {
  provider: SandboxProvider;
  sandboxes: SandboxManager;
  reconcileDeps: ReconcileDeps;
  effects: SessionEffects;
  store: SessionStore;
  idleTimeoutMs: number;
  onEngineInfo: (info: { memoryBytes: number }) => void;
  clock: Clock;
  log: Log;
}): Promise<() => void> {
  const { provider, reconcileDeps, effects, idleTimeoutMs } = deps;
  const look = async (): Promise<void> => {
    deps.onEngineInfo(await provider.info());
    await reconcile(reconcileDeps);
  };
  let failed = false;
  try {
    await look();
  } catch (error) {
    failed = true;
    deps.log.warn({ error: messageOf(error) }, "the Docker engine was not asked what runs; it is asked again");
  }
  const stopEvents = provider.watch((instance) => void deps.sandboxes.noticeEnd(instance));
  const stopTimer = startReconciling(look, { failed, log: deps.log });
  const waitTimer = setInterval(
    () => {
      effects.advanceWaiting();
      void effects.stopIdleSince(new Date(deps.clock.now().getTime() - idleTimeoutMs));
    },
    Math.min(LOOK_EVERY_MS, idleTimeoutMs),
  );
  for (const sessionId of deps.store.listUnsettled()) effects.advance(sessionId);
  return () => {
    stopEvents();
    stopTimer();
    clearInterval(waitTimer);
  };
}
