import type { SessionEvent } from "@background-agents/shared/protocol/session-events";
import { median } from "./statistics.ts";

/** Something that happened on the way to the first model request. */
export interface Mark {
  name: string;
  /** Milliseconds since the epoch, by the one clock that host and containers share. */
  atMs: number;
}

/** One measured start. */
export interface Sample {
  startedAtMs: number;
  /** From just before the start to the first model request. */
  durationMs: number;
  /** Processor time used inside the container by then: says more than the clock where the machine is busy. */
  processorMs: number;
  marks: Mark[];
}

/** A row of the break-down, by the medians of all samples. */
export interface Step {
  name: string;
  /** Milliseconds since the start. */
  offsetMs: number;
  /** Milliseconds since the row before. */
  stepMs: number;
}

/** The moments of a session's start as its events tell them. */
export function marksOfSession(events: readonly SessionEvent[]): Mark[] {
  const marks: Mark[] = [];
  for (const event of events) {
    const name = nameOf(event);
    if (name !== undefined && !marks.some((mark) => mark.name === name)) {
      marks.push({ name, atMs: Date.parse(event.at) });
    }
  }
  return marks;
}

function nameOf(event: SessionEvent): string | undefined {
  switch (event.type) {
    case "sandbox.booting":
      return `sandbox.booting ${event.data.phase}`;
    case "session.created":
    case "sandbox.creating":
    case "sandbox.ready":
    case "prompt.starting":
    case "prompt.started":
      return event.type;
    default:
      return undefined;
  }
}

/**
 * Puts the marks of all samples together: each name once, by its median distance from the start, in that order. A mark
 * that some samples lack counts where it is; what came after the first model request is left out.
 */
export function buildSteps(samples: readonly Omit<Sample, "processorMs">[]): Step[] {
  const offsets = new Map<string, number[]>();
  for (const { startedAtMs, durationMs, marks } of samples) {
    for (const { name, atMs } of marks) {
      const offsetMs = atMs - startedAtMs;
      if (offsetMs <= durationMs) offsets.set(name, [...(offsets.get(name) ?? []), offsetMs]);
    }
  }
  const ends = samples.map(({ durationMs }) => durationMs);
  const rows = [...offsets]
    .map(([name, values]) => ({ name, offsetMs: median(values) }))
    .concat(ends.length === 0 ? [] : { name: "first model request", offsetMs: median(ends) })
    .toSorted((one, other) => one.offsetMs - other.offsetMs);
  return rows.map((row, index) => ({ ...row, stepMs: row.offsetMs - (rows[index - 1]?.offsetMs ?? 0) }));
}
