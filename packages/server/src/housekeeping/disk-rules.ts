import type { SessionId } from "@background-agents/shared/ids";
import type { VolumeUse } from "../sandboxes/sandbox-provider.ts";

/** With less than this free, whoever fills the disk is stopped: the server and the other sandboxes need some. */
export const FLOOR: VolumeUse = { bytes: 2 ** 30, inodes: 50_000 };

/** A share of the disk is one of its inodes, too: empty files take no bytes. */
const BYTES_PER_INODE = 8192;
const WARN_FROM = 0.8;
/** Growth below this is what any program writes. */
const NOTABLE_BYTES = 64 * 2 ** 20;

const SOON = { bytes: 256 * 2 ** 20, inodes: 50_000, afterMs: 5000 };
const EVENTUALLY_MS = 60_000;
/** Where nobody tells what is free. */
const BLIND_MS = 30_000;

export interface Measured {
  atMs: number;
  free: VolumeUse | undefined;
}

/**
 * Whether it is time to count files: when the disk lost much of what was free, is nearly full, or a minute has passed;
 * never twice within 5 s.
 */
export function mustMeasure({
  nowMs,
  free,
  last,
}: {
  nowMs: number;
  free: VolumeUse | undefined;
  last: Measured;
}): boolean {
  const sinceMs = nowMs - last.atMs;
  if (free === undefined || last.free === undefined) return sinceMs >= BLIND_MS;
  if (sinceMs < SOON.afterMs) return false;
  const lost = { bytes: last.free.bytes - free.bytes, inodes: last.free.inodes - free.inodes };
  const lostMuch = lost.bytes >= SOON.bytes || lost.inodes >= SOON.inodes;
  return lostMuch || describeScarcity(free) !== undefined || sinceMs >= EVENTUALLY_MS;
}

export type Judgement = { kind: "fine" } | { kind: "near" | "over"; message: string };

/** What a session holds against what it may; `limitBytes` null: no limit. */
export function judgeUse(use: VolumeUse | undefined, limitBytes: number | null): Judgement {
  if (use === undefined || limitBytes === null) return { kind: "fine" };
  const inodeLimit = Math.floor(limitBytes / BYTES_PER_INODE);
  const byInodes = use.inodes / inodeLimit > use.bytes / limitBytes;
  const part = byInodes ? use.inodes / inodeLimit : use.bytes / limitBytes;
  if (part < WARN_FROM) return { kind: "fine" };
  const held = byInodes
    ? `${use.inodes.toLocaleString("en")} files, and its share of the disk is ${inodeLimit.toLocaleString("en")}`
    : `${describeBytes(use.bytes)} on the disk, and its share is ${describeBytes(limitBytes)}`;
  const advice = "raise the share in the settings (SANDBOX_DISK)";
  if (part >= 1) return { kind: "over", message: `The session's volumes hold ${held}: ${advice}. Nothing is deleted.` };
  return {
    kind: "near",
    message: `The session's volumes hold ${held}: let the agent delete what it does not need, or ${advice}.`,
  };
}

/** What the disk runs out of, in words; undefined where there is enough. */
export function describeScarcity(free: VolumeUse): string | undefined {
  if (free.bytes < FLOOR.bytes) return `only ${describeBytes(free.bytes)} are free on the disk of the sandboxes`;
  if (free.inodes < FLOOR.inodes) {
    return `only ${free.inodes.toLocaleString("en")} more files fit on the disk of the sandboxes`;
  }
  return undefined;
}

/** The session that grew most since the count before, in bytes or (of empty files) in number; undefined: none did. */
export function pickLargestGrowth(
  before: ReadonlyMap<SessionId, VolumeUse>,
  now: ReadonlyMap<SessionId, VolumeUse>,
): SessionId | undefined {
  const growth = [...now].map(([sessionId, use]) => {
    const then = before.get(sessionId) ?? { bytes: 0, inodes: 0 };
    return { sessionId, weight: use.bytes - then.bytes + (use.inodes - then.inodes) * BYTES_PER_INODE };
  });
  const [largest] = growth.sort((a, b) => b.weight - a.weight);
  return largest && largest.weight >= NOTABLE_BYTES ? largest.sessionId : undefined;
}

export const describeBytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`;
