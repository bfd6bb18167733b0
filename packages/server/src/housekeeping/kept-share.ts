import { join } from "node:path";
import type { Readable } from "node:stream";
import type { SessionId } from "@background-agents/shared/ids";
import type { SandboxStatus } from "@background-agents/shared/sessions/session";
import type { BlobStore } from "../blobs/blob-store.ts";
import type { EventLog } from "../events/event-log.ts";
import { AppError, messageOf } from "../lib/app-error.ts";
import { measureDirectory } from "../lib/directory-size.ts";
import { createKeyedMutex } from "../lib/keyed-mutex.ts";
import type { Log } from "../lib/logger.ts";
import type { SandboxManager } from "../sandboxes/sandbox-manager.ts";
import type { SessionRecorder } from "../sessions/session-recorder.ts";
import { describeBytes } from "./disk-rules.ts";

/** What a session may tell of itself: some ten thousand long outputs. */
export const HISTORY_LIMIT_BYTES = 2 ** 30;
/** What may still come until its sandbox has been stopped: the end of its turn, above all. */
const ENDING_BYTES = 64 * 2 ** 20;

/** With less than this free, what remains is the database's: less than a sandbox needs to start, so that turns end well. */
const FLOOR_BYTES = 512 * 2 ** 20;

const RUNNING: SandboxStatus[] = ["creating", "booting", "ready"];

export type KeptShare = ReturnType<typeof createKeptShare>;

/**
 * Bounds what a sandbox can make the server keep: files (checkpoints, conversations, outputs) to a share as large as that
 * of its volumes, events to a gibibyte. Each is looked at before more is taken in, so a share can be passed by one upload.
 */
export function createKeptShare(deps: {
  dataDir: string;
  blobs: Pick<BlobStore, "save" | "heldBy">;
  events: Pick<EventLog, "sizeAfter">;
  sandboxes: Pick<SandboxManager, "stop">;
  recorder: Pick<SessionRecorder, "record">;
  /** Bytes that may be kept of the session; null: no limit. */
  limitOf: (sessionId: SessionId) => number | null;
  /** Bytes this user may still write on the disk of a directory. */
  readFreeBytes: (directory: string) => Promise<number>;
  historyLimitBytes?: number;
  endingBytes?: number;
  log: Log;
}) {
  const { blobs, log, historyLimitBytes = HISTORY_LIMIT_BYTES, endingBytes = ENDING_BYTES } = deps;
  const oneByOne = createKeyedMutex();
  const histories = new Map<SessionId, { bytes: number; seq: number }>();
  const stopping = new Set<SessionId>();

  async function requireRoom(sessionId: SessionId): Promise<void> {
    const free = await deps.readFreeBytes(deps.dataDir);
    if (free < FLOOR_BYTES) {
      throw new AppError(
        "storage.failed",
        `Only ${describeBytes(free)} are free where the server keeps its data: nothing more is kept of sandboxes until there ` +
          "is room. The work is still in its sandbox.",
      );
    }
    const limit = deps.limitOf(sessionId);
    if (limit === null) return;
    const files = await measureDirectory(join(deps.dataDir, "quarantine", sessionId));
    const kept = files + (await blobs.heldBy(sessionId));
    if (kept < limit) return;
    throw new AppError(
      "storage.failed",
      `The server keeps ${describeBytes(kept)} of this session's checkpoints, conversations and outputs, and its share is ` +
        `${describeBytes(limit)}: raise the share in the settings (SANDBOX_DISK). The work is still in its sandbox.`,
    );
  }

  function measureHistory(sessionId: SessionId): number {
    const before = histories.get(sessionId) ?? { bytes: 0, seq: 0 };
    const { bytes, seq } = deps.events.sizeAfter(sessionId, before.seq);
    const now = { bytes: before.bytes + bytes, seq };
    histories.set(sessionId, now);
    return now.bytes;
  }

  function describeHistory(bytes: number): string {
    return (
      `The session has told ${describeBytes(bytes)} of itself, and ${describeBytes(historyLimitBytes)} are kept of one: ` +
      "fork it, or begin another. Nothing is deleted."
    );
  }

  async function stop(sessionId: SessionId, reason: string): Promise<void> {
    if (stopping.has(sessionId)) return;
    stopping.add(sessionId);
    log.warn({ sessionId, reason }, "a sandbox is stopped for what it tells");
    try {
      // First of all, so that the turn that ends by it can say why.
      deps.recorder.record(sessionId, ({ session: { sandbox } }) =>
        RUNNING.includes(sandbox.status) ? [{ type: "sandbox.stopping", actor: "server", data: { reason } }] : [],
      );
      await deps.sandboxes.stop(sessionId, reason);
    } catch (error) {
      log.warn({ sessionId, error: messageOf(error) }, "a sandbox that tells too much could not be stopped");
    } finally {
      stopping.delete(sessionId);
    }
  }

  return {
    /** Throws `storage.failed` where no more files are to be kept of the session. */
    requireRoom,

    /** Takes a blob in, one of a session after the other. */
    takeBlob(sessionId: SessionId, hash: string, body: Readable): Promise<void> {
      return oneByOne(sessionId, async () => {
        await requireRoom(sessionId);
        await blobs.save(sessionId, hash, body);
      });
    },

    /**
     * Has a report recorded. Stops the sandbox of a session that told too much; throws `storage.failed` where it goes on
     * nevertheless.
     */
    takeReport(sessionId: SessionId, record: () => void): void {
      const bytes = measureHistory(sessionId);
      if (bytes >= historyLimitBytes) void stop(sessionId, describeHistory(bytes));
      if (bytes >= historyLimitBytes + endingBytes) throw new AppError("storage.failed", describeHistory(bytes));
      record();
    },

    /** Throws `storage.failed` where the session told so much that its sandbox would be stopped again. */
    requireHistory(sessionId: SessionId): void {
      const bytes = measureHistory(sessionId);
      if (bytes >= historyLimitBytes) throw new AppError("storage.failed", describeHistory(bytes));
    },
  };
}
