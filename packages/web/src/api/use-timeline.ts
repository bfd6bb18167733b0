"use client";

import { buildTimeline } from "@background-agents/shared/sessions/build-timeline";
import type { Timeline } from "@background-agents/shared/sessions/timeline";
import type { LiveSession } from "./session-store.ts";
import { useSession } from "./use-session.tsx";

interface Built {
  events: LiveSession["events"];
  unconfirmed: LiveSession["unconfirmed"];
  openPartsVersion: number;
  timeline: Timeline;
}

/** One timeline for each state of a session, whoever asks: built anew when an event, a prompt or a part came or went. */
const latest = new WeakMap<LiveSession["prompts"], Built>();

function timelineOf(state: LiveSession): Timeline {
  const known = latest.get(state.prompts);
  if (
    known &&
    known.events === state.events &&
    known.unconfirmed === state.unconfirmed &&
    known.openPartsVersion === state.openPartsVersion
  ) {
    return known.timeline;
  }
  const timeline = buildTimeline({
    events: state.events,
    openParts: Object.values(state.openParts),
    unconfirmedPrompts: state.unconfirmed,
  });
  const { events, unconfirmed, openPartsVersion } = state;
  latest.set(state.prompts, { events, unconfirmed, openPartsVersion, timeline });
  return timeline;
}

/**
 * The session's turns. Text that grows in an open part does not make a new timeline: whoever shows the part follows it
 * with `useOpenPart`.
 */
export function useTimeline(): Timeline {
  return useSession(timelineOf);
}

/** The part as it is now; undefined once it has settled. */
export function useOpenPart(partId: string) {
  return useSession((state) => state.openParts[partId]?.part);
}
