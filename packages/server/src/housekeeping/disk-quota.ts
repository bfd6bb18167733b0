import type { SessionId } from "@background-agents/shared/ids";
import type { SandboxStatus } from "@background-agents/shared/sessions/session";
import { AppError, messageOf } from "../lib/app-error.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/logger.ts";
import type { SandboxManager } from "../sandboxes/sandbox-manager.ts";
import type { SandboxProvider, VolumeUse } from "../sandboxes/sandbox-provider.ts";
import type { SessionRecorder } from "../sessions/session-recorder.ts";
import {
  describeBytes,
  describeScarcity,
  findCulprits,
  findScarcity,
  judgeUse,
  LAST_BYTES,
  mustMeasure,
  type Measured,
} from "./disk-rules.ts";

/** Asking the disk what is free costs nothing; counting files does. */
const LOOK_EVERY_MS = 2000;
/** One that fills the host is not waited for. */
const HURRIED_GRACE_MS = 2000;
const FAILURES_TOLD = 3;
const RUNNING: SandboxStatus[] = ["creating", "booting", "ready"];

export interface DiskQuotaDeps {
  sandboxes: Pick<SandboxManager, "runningSessions" | "stop">;
  provider: Pick<SandboxProvider, "measureVolumes" | "freeSpace" | "bytesWritten">;
  recorder: Pick<SessionRecorder, "record">;
  /** Bytes that the session's volumes may hold; null: no limit. */
  limitOf: (sessionId: SessionId) => number | null;
  /** When the session was made, as the clock tells it (ISO 8601); undefined where there is none. */
  createdAt: (sessionId: SessionId) => string | undefined;
  clock: Clock;
  log: Log;
}

/** How things stood when the disk last had enough. */
interface Plenty {
  at: string;
  free: VolumeUse;
  held: Map<SessionId, VolumeUse>;
  written: Map<SessionId, number>;
}

export type DiskQuota = ReturnType<typeof createDiskQuota>;

/**
 * Watches what running sandboxes write to disk, from outside of them: warns at 80 % of a session's share, stops its
 * sandbox at 100 %, and stops those that took it where the disk itself runs out. What they hold is kept.
 */
export function createDiskQuota(deps: DiskQuotaDeps) {
  const { sandboxes, provider, log } = deps;
  const known = new Map<SessionId, VolumeUse>();
  const warned = new Set<SessionId>();
  /** Who was told that somebody else fills the disk, since it last had enough. */
  const warnedOfOthers = new Set<SessionId>();
  /** How often in a row nothing could be counted, and who was told. */
  let failures = 0;
  const unwatched = new Set<SessionId>();
  let last: Measured | undefined;
  let plenty: Plenty | undefined;
  let current: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;

  function tell(sessionId: SessionId, code: "disk.warning" | "disk.unwatched", message: string): void {
    deps.recorder.record(sessionId, () => [
      { type: "notice.raised", actor: "server", data: { level: "warning", code, message } },
    ]);
  }

  function warn(sessionId: SessionId, message: string): void {
    if (warned.has(sessionId)) return;
    warned.add(sessionId);
    tell(sessionId, "disk.warning", message);
  }

  /** Once can happen; where it stays so, nobody holds the sessions' shares, which has to be known. */
  function noteFailure(failure: Error, sessions: readonly SessionId[]): void {
    failures += 1;
    if (failures < FAILURES_TOLD) return;
    for (const sessionId of sessions) {
      if (unwatched.has(sessionId)) continue;
      unwatched.add(sessionId);
      const advice = "an image of your own needs sh and du as Debian has them";
      const message = `What this session holds on the disk cannot be counted, so it is not stopped at its share: ${failure.message} (${advice}.)`;
      tell(sessionId, "disk.unwatched", message);
    }
  }

  /** Without an engine nothing runs that would have to be counted, and others say so. */
  const isOfEngine = (error: unknown): boolean =>
    error instanceof AppError && ["engine.unavailable", "engine.unusable"].includes(error.code);

  async function stop(sessionId: SessionId, reason: string, graceMs?: number): Promise<void> {
    // Counting takes a while, in which it may have ended: nothing would come of a stop, and nobody would record its end.
    if (!sandboxes.runningSessions().includes(sessionId)) return;
    log.warn({ sessionId, reason }, "a sandbox is stopped for what it holds on the disk");
    // First of all, so that the turn that ends by it can say why.
    deps.recorder.record(sessionId, ({ session: { sandbox } }) =>
      RUNNING.includes(sandbox.status) ? [{ type: "sandbox.stopping", actor: "server", data: { reason } }] : [],
    );
    await sandboxes.stop(sessionId, reason, graceMs);
  }

  async function readWritten(): Promise<Map<SessionId, number>> {
    try {
      return (await provider.bytesWritten?.()) ?? new Map<SessionId, number>();
    } catch (error) {
      log.debug({ error: messageOf(error) }, "the engine does not tell what sandboxes write");
      return new Map();
    }
  }

  async function keepPlenty(free: VolumeUse): Promise<void> {
    const at = deps.clock.now().toISOString();
    plenty = { at, free, held: new Map(known), written: await readWritten() };
  }

  /** What an older session held when it was first counted is no growth: nobody had counted it when there was enough. */
  function note(sessionId: SessionId, use: VolumeUse): void {
    known.set(sessionId, use);
    if (!plenty || plenty.held.has(sessionId)) return;
    const createdAt = deps.createdAt(sessionId);
    if (createdAt !== undefined && createdAt <= plenty.at) plenty.held.set(sessionId, use);
  }

  function warnOfOthers(sessionId: SessionId, scarcity: string): void {
    if (warnedOfOthers.has(sessionId)) return;
    warnedOfOthers.add(sessionId);
    const message = `The disk runs out: ${scarcity}. No sandbox seems to have taken it: they wrote next to nothing. Make room; with less than ${describeBytes(LAST_BYTES)} free all sandboxes are stopped, since it cannot be ruled out.`;
    tell(sessionId, "disk.warning", message);
  }

  /** Until there is room again, everything is held against what was before it ran out. */
  async function endScarcity(scarce: keyof VolumeUse, free: VolumeUse): Promise<void> {
    const then = plenty;
    if (!then) return;
    const running = sandboxes.runningSessions();
    const written = new Map<SessionId, number>();
    for (const [sessionId, bytes] of await readWritten()) {
      const before = then.written.get(sessionId) ?? 0;
      // Less than before: of another container, which began with nothing.
      written.set(sessionId, bytes < before ? bytes : bytes - before);
    }
    const lost = then.free[scarce] - free[scarce];
    const left = free[scarce];
    const culprits = findCulprits({ scarce, lost, left, before: then.held, now: known, written, running });
    if (culprits.why === "none") return;
    const words = describeScarcity(scarce, free);
    if (culprits.why === "outside") {
      for (const sessionId of running) warnOfOthers(sessionId, words);
      return;
    }
    const { why } = culprits;
    const sessions = culprits.why === "unknown" ? running : [culprits.sessionId];
    await Promise.all(
      sessions.map((sessionId) => {
        const what = describeBlame(why, known.get(sessionId)?.bytes ?? 0);
        return stop(sessionId, `${words}, and ${what}. Make room, then go on`, HURRIED_GRACE_MS);
      }),
    );
  }

  async function measure(sessions: SessionId[], free: VolumeUse | undefined): Promise<void> {
    let failure: Error | undefined;
    const uses = await provider.measureVolumes(sessions).catch((error: unknown) => {
      if (isOfEngine(error)) throw error;
      failure = error instanceof Error ? error : new Error(String(error));
      return new Map<SessionId, VolumeUse>();
    });
    for (const [sessionId, use] of uses) note(sessionId, use);
    // Also where nothing could be counted: on a full disk the engine may make no container to count in.
    const scarce = free && findScarcity(free);
    if (free && scarce) await endScarcity(scarce, free);
    else if (free) {
      warnedOfOthers.clear();
      await keepPlenty(free);
    }
    if (failure) {
      noteFailure(failure, sessions);
      throw failure;
    }
    failures = 0;
    unwatched.clear();
    for (const sessionId of sessions) {
      const judgement = judgeUse(uses.get(sessionId), deps.limitOf(sessionId));
      if (judgement.kind === "over") await stop(sessionId, judgement.message);
      else if (judgement.kind === "near") warn(sessionId, judgement.message);
      else warned.delete(sessionId);
    }
  }

  async function look(): Promise<void> {
    const sessions = sandboxes.runningSessions();
    if (sessions.length === 0) {
      last = plenty = undefined;
      return;
    }
    const free = await provider.freeSpace();
    const now = { atMs: deps.clock.now().getTime(), free };
    if (free && !plenty) await keepPlenty(free);
    // At the first look, too: what is there by then must not look like growth later.
    if (last && !mustMeasure({ nowMs: now.atMs, free, last })) return;
    last = now;
    await measure(sessions, free);
  }

  function run(): void {
    current ??= look()
      .catch((error: unknown) => log.warn({ error: messageOf(error) }, "what sandboxes hold could not be counted"))
      .finally(() => {
        current = undefined;
      });
  }

  return {
    start(): void {
      timer = setInterval(run, LOOK_EVERY_MS);
    },

    /** Waits for the look under way; none begins after it. */
    async stop(): Promise<void> {
      clearInterval(timer);
      await current;
    },

    /** One look, as the timer makes them. */
    look,

    /** Throws `storage.failed` where the session held more than it may when it was last looked at. */
    requireShare(sessionId: SessionId): void {
      const judgement = judgeUse(known.get(sessionId), deps.limitOf(sessionId));
      if (judgement.kind === "over") throw new AppError("storage.failed", judgement.message);
    },
  };
}

function describeBlame(why: "grew" | "wrote" | "unknown", heldBytes: number): string {
  switch (why) {
    case "grew":
      return `this session holds ${describeBytes(heldBytes)}`;
    case "wrote":
      return "this session wrote much of it to files that it deleted and still has open";
    case "unknown":
      return "no file shows what took it: all sandboxes are stopped, since each could hold it in files that were deleted; it may be none of them";
  }
}
