import type { BootId, SessionId } from "@background-agents/shared/ids";
import type { SandboxSpec } from "@background-agents/shared/protocol/supervisor-frames";
import { messageOf } from "../lib/app-error.ts";
import type { Log } from "../lib/logger.ts";
import { describeUnsafe } from "./assert-sandbox.ts";
import type { SandboxEnd } from "./sandbox-callbacks.ts";
import { endReason, type SandboxManager } from "./sandbox-manager.ts";
import type { SandboxProvider } from "./sandbox-provider.ts";

/** What a session's row says of its sandbox. */
export interface ExpectedSandbox {
  sessionId: SessionId;
  boot: BootId;
  /** Its supervisor has not been heard of yet. */
  creating: boolean;
  spec: () => Promise<SandboxSpec>;
}

export interface ReconcileDeps {
  provider: SandboxProvider;
  manager: SandboxManager;
  /** Sessions whose row says that a sandbox runs. */
  listExpected(): ExpectedSandbox[];
  onEnd(sessionId: SessionId, end: SandboxEnd): void;
  log: Log;
}

/**
 * Makes rows and containers agree, by label only: adopts what runs and is expected, ends what is expected and gone,
 * removes containers nobody expects. Touches nothing without our instance label, and never a volume: one whose session has
 * no row may hold work that a restored backup of the database does not know of (docs/decisions/0017).
 */
export async function reconcile(deps: ReconcileDeps): Promise<void> {
  const { provider, manager, log } = deps;
  const before = manager.listRunning();
  const instances = await provider.list();
  const expected = new Map(deps.listExpected().map((one) => [one.sessionId, one]));
  const present = new Set<BootId>();
  const ended = new Map<BootId, SandboxEnd>();

  for (const instance of instances) {
    const { sessionId, boot } = instance;
    if (manager.runs(sessionId, boot)) {
      present.add(boot);
      if (instance.running && instance.differences.length > 0) {
        log.error({ sessionId, boot, differences: instance.differences }, "a sandbox is not what was built: ending it");
        await manager.endUnsafe(instance);
      } else if (!instance.running && manager.handleOf(sessionId)) await manager.noticeEnd(instance);
      continue;
    }
    const wanted = expected.get(sessionId);
    const isSafe = instance.differences.length === 0;
    if (instance.running && isSafe && wanted?.boot === boot && (await manager.adopt(instance, await wanted.spec()))) {
      present.add(boot);
      log.info({ sessionId }, "adopted a running sandbox");
      continue;
    }
    if (!instance.running && wanted?.boot === boot) {
      const logTail = await provider.logTail(instance.handle, 100);
      const { exitCode } = instance;
      ended.set(boot, { boot, reason: endReason(instance), exitCode, logTail, expected: false });
    }
    if (instance.running && !isSafe && wanted?.boot === boot) {
      const reason = describeUnsafe(instance.differences);
      log.error({ sessionId, boot, differences: instance.differences }, "a sandbox is not what was built: removing it");
      ended.set(boot, { boot, reason, exitCode: null, logTail: "", expected: false, code: "sandbox.unsafe" });
    }
    log.info({ sessionId, boot }, "removing a container that no session expects");
    await provider.remove(instance.handle);
    manager.forget(boot);
  }

  for (const { sessionId, boot } of before) {
    if (!present.has(boot)) await manager.noticeGone(sessionId, boot);
  }
  for (const { sessionId, boot, creating } of expected.values()) {
    if (manager.runs(sessionId, boot) || manager.isStarting(sessionId)) continue;
    manager.forget(boot);
    // A server that died between intent and container is no fault of the sandbox: what waits for it is tried again.
    const reason = creating
      ? "the server ended while it was made"
      : "its container was gone when the server looked for it";
    const gone = { boot, reason, exitCode: null, logTail: "", expected: creating };
    deps.onEnd(sessionId, ended.get(boot) ?? gone);
  }
}

const EVERY_MS = 30_000;
/** While it fails: an engine that starts, or starts again, is soon there. */
const AGAIN_MS = { first: 250, most: 2000 };

/**
 * Compares again and again until the returned function is called, one run at a time: every 30 s, and soon after a run
 * that failed. `failed`: the run before this one did.
 */
export function startReconciling(run: () => Promise<void>, options: { failed: boolean; log: Log }): () => void {
  let failed = options.failed;
  let wait = failed ? AGAIN_MS.first : EVERY_MS;
  let stopped = false;
  let timer: NodeJS.Timeout;

  const once = async (): Promise<void> => {
    try {
      await run();
      wait = EVERY_MS;
      failed = false;
    } catch (error) {
      if (!failed) options.log.warn({ error: messageOf(error) }, "rows and containers could not be compared");
      wait = failed ? Math.min(wait * 2, AGAIN_MS.most) : AGAIN_MS.first;
      failed = true;
    }
    if (!stopped) schedule();
  };
  const schedule = (): void => {
    timer = setTimeout(() => void once(), wait);
  };
  schedule();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
