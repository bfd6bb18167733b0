import type { PartEntry, TimelineEntry } from "./timeline.ts";

export interface PlacedEntry {
  entry: TimelineEntry;
  /** The part's own place in the turn's answer; null for everything else, which keeps its place in time. */
  index: number | null;
}

/**
 * Pure: the entries of a turn in the order to show them. Parts stand by their index (two tools that ran side by side
 * settle in any order); the rest stand after the parts that were known when they came. Parts of a child session hang
 * under the call that began it; a retry that something followed is over.
 */
export function orderEntries(placed: readonly PlacedEntry[]): TimelineEntry[] {
  let reached = -1;
  const keyed = placed.map(({ entry, index }, order) => {
    if (index !== null && entry.kind === "part") reached = Math.max(reached, index);
    return { entry, order, at: index ?? reached + 0.5 };
  });
  keyed.sort((a, b) => a.at - b.at || a.order - b.order);
  const entries = nest(keyed.map(({ entry }) => entry));
  return entries.map((entry, place) =>
    entry.kind === "retry" && place < entries.length - 1 ? { ...entry, over: true } : entry,
  );
}

function nest(entries: TimelineEntry[]): TimelineEntry[] {
  const parts = new Map<string, PartEntry>();
  for (const entry of entries) if (isPart(entry)) parts.set(entry.part.partId, entry);
  return entries.filter((entry) => {
    if (!isPart(entry) || entry.part.parentPartId === undefined) return true;
    const parent = parts.get(entry.part.parentPartId);
    if (!parent || parent === entry) return true;
    parent.children.push(entry);
    return false;
  });
}

function isPart(entry: TimelineEntry): entry is PartEntry {
  return entry.kind === "part" || entry.kind === "open-part";
}
