import type { PromptId } from "@background-agents/shared/ids";
import type { SupervisorFrame } from "@background-agents/shared/protocol/supervisor-frames";
import type { OpenPart } from "@background-agents/shared/sessions/part";

const DELTA_MS = 50;
const PART_MS = 100;

interface Pending {
  part?: OpenPart;
  delta?: { offset: number; text: string };
}

export interface PartPublisherDeps {
  promptId: PromptId;
  send: (frame: SupervisorFrame) => void;
  nowMs?: () => number;
}

/**
 * Sends open parts and deltas as transient frames, merged: deltas of a part at most every 50 ms, a whole part at most
 * every 100 ms, the first at once and always the last.
 */
export function createPartPublisher({ promptId, send, nowMs = Date.now }: PartPublisherDeps) {
  const pending = new Map<string, Pending>();
  const sentAt = new Map<string, number>();
  let timer: NodeJS.Timeout | undefined;

  function flush(partId: string, { part, delta }: Pending): void {
    pending.delete(partId);
    sentAt.set(partId, nowMs());
    if (part) send({ type: "part", promptId, part });
    if (delta) send({ type: "delta", promptId, partId, ...delta });
  }

  function dueIn(partId: string, { part }: Pending): number {
    return (sentAt.get(partId) ?? 0) + (part ? PART_MS : DELTA_MS) - nowMs();
  }

  function flushDue(): void {
    timer = undefined;
    for (const [partId, entry] of pending) if (dueIn(partId, entry) <= 0) flush(partId, entry);
    schedule();
  }

  function schedule(): void {
    if (timer || pending.size === 0) return;
    const next = Math.min(...Array.from(pending, ([partId, entry]) => dueIn(partId, entry)));
    timer = setTimeout(flushDue, Math.max(1, next));
  }

  function put(partId: string, entry: Pending): void {
    pending.set(partId, entry);
    if (dueIn(partId, entry) <= 0) flush(partId, entry);
    else schedule();
  }

  return {
    open(part: OpenPart): void {
      // A whole part has all deltas up to now in it.
      put(part.partId, { part });
    },
    delta(partId: string, offset: number, text: string): void {
      const { part, delta } = pending.get(partId) ?? {};
      const merged = delta ? { offset: delta.offset, text: delta.text + text } : { offset, text };
      put(partId, { ...(part ? { part } : {}), delta: merged });
    },
    /** Forgets what waits for a part: it settled. */
    drop(partId: string): void {
      pending.delete(partId);
      sentAt.delete(partId);
    },
    close(): void {
      clearTimeout(timer);
      pending.clear();
    },
  };
}

export type PartPublisher = ReturnType<typeof createPartPublisher>;
