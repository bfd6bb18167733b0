import type { SessionId } from "@background-agents/shared/ids";
import type { VolumeUse } from "../sandboxes/sandbox-provider.ts";

/** With less than this free, whoever fills the disk is stopped: the server and the other sandboxes need some. */
export const FLOOR: VolumeUse = { bytes: 2 ** 30, inodes: 50_000 };

/** With less bytes than this free, also those are stopped who seem to have no part in it: it cannot be ruled out. */
export const LAST_BYTES = FLOOR.bytes / 2;

/** A share of the disk is one of its inodes, too: empty files take no bytes. */
const BYTES_PER_INODE = 8192;
const WARN_FROM = 0.8;
/** Growth below this is what any program writes. */
const NOTABLE_BYTES = 64 * 2 ** 20;
/** Of a loss this part may be anybody's: the file system's own, logs, the user's. */
const UNASKED = 1 / 8;

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
  return lostMuch || findScarcity(free) !== undefined || sinceMs >= EVENTUALLY_MS;
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

/** What the disk runs out of; undefined where there is enough. */
export function findScarcity(free: VolumeUse): keyof VolumeUse | undefined {
  if (free.bytes < FLOOR.bytes) return "bytes";
  return free.inodes < FLOOR.inodes ? "inodes" : undefined;
}

export function describeScarcity(scarce: keyof VolumeUse, free: VolumeUse): string {
  return scarce === "bytes"
    ? `only ${describeBytes(free.bytes)} are free on the disk of the sandboxes`
    : `only ${free.inodes.toLocaleString("en")} more files fit on the disk of the sandboxes`;
}

export interface Loss {
  scarce: keyof VolumeUse;
  /** How much of it was free when there was enough, and is not any more. */
  lost: number;
  /** How much of it is free now. */
  left: number;
  /** What sessions held when there was enough, and hold now: also those that were stopped since, whose volumes are kept. */
  before: ReadonlyMap<SessionId, VolumeUse>;
  now: ReadonlyMap<SessionId, VolumeUse>;
  /** Bytes that sandboxes wrote to disks meanwhile, as far as anybody counts. */
  written: ReadonlyMap<SessionId, number>;
  running: readonly SessionId[];
}

/**
 * Who is stopped because the disk runs out. `unknown`: it is one of them, or nobody in a sandbox; `outside`: as far as
 * can be told nobody in a sandbox, and there is time to make room.
 */
export type Culprits =
  | { why: "grew" | "wrote"; sessionId: SessionId }
  | { why: "unknown" }
  | { why: "outside" }
  | { why: "none" };

/**
 * Who took what the disk has lost. A file that was deleted and is still open takes room and is in no volume's count, so
 * what growth there is must explain the loss before anybody is blamed for it; then what each wrote must. What nobody can
 * be blamed for alone (space can be taken without writing) any of those that run may hold; where the kernel counts all of
 * them and they wrote next to nothing, it is more likely the user's own, and they go on for as long as the disk bears it.
 */
export function findCulprits({ scarce, lost, left, before, now, written, running }: Loss): Culprits {
  const growthOf = (sessionId: SessionId, of: keyof VolumeUse): number =>
    Math.max(0, (now.get(sessionId)?.[of] ?? 0) - (before.get(sessionId)?.[of] ?? 0));
  const sum = (sessions: readonly SessionId[]): number =>
    sessions.reduce((total, sessionId) => total + growthOf(sessionId, scarce), 0);
  const ended = [...now.keys()].filter((sessionId) => !running.includes(sessionId));
  const unexplained = lost - sum(ended);
  const grown = sum(running);
  if (unexplained < Math.max(SOON[scarce], lost * UNASKED) || grown >= unexplained / 2) {
    const largest = pickLargest(running, (id) => growthOf(id, "bytes") + growthOf(id, "inodes") * BYTES_PER_INODE);
    return largest && largest.weight >= NOTABLE_BYTES ? { why: "grew", sessionId: largest.sessionId } : { why: "none" };
  }
  const hiddenBy = (sessionId: SessionId): number => (written.get(sessionId) ?? 0) - growthOf(sessionId, "bytes");
  const writer = pickLargest(running, hiddenBy);
  if (scarce === "bytes" && writer && writer.weight >= (unexplained - grown) / 2) {
    return { why: "wrote", sessionId: writer.sessionId };
  }
  const hidden = running.reduce((total, sessionId) => total + Math.max(0, hiddenBy(sessionId)), 0);
  const areCounted = scarce === "bytes" && running.every((sessionId) => written.has(sessionId));
  if (areCounted && left >= LAST_BYTES && hidden < (unexplained - grown) * UNASKED) return { why: "outside" };
  return { why: "unknown" };
}

function pickLargest(sessions: readonly SessionId[], weigh: (sessionId: SessionId) => number) {
  const [largest] = sessions
    .map((sessionId) => ({ sessionId, weight: weigh(sessionId) }))
    .sort((a, b) => b.weight - a.weight);
  return largest;
}

export const describeBytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`;
