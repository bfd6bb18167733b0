import { SessionFrame } from "@background-agents/shared/protocol/session-frames";
import { z } from "zod";

/** An event of a newer server that this page cannot read: it counts in the order of events and shows nothing. */
const UnreadableEvent = z
  .object({ type: z.literal("event"), event: z.object({ seq: z.int().positive() }) })
  .transform(({ event }) => ({ type: "unreadable-event" as const, seq: event.seq }));

/**
 * A frame of a session's socket as the page takes it. An event that was left out would be a hole in the order, and the
 * page would ask for it for ever; so one that does not fit keeps its place.
 */
export const ReceivedFrame = z.union([SessionFrame, UnreadableEvent]);
export type ReceivedFrame = z.infer<typeof ReceivedFrame>;

/** The seq of the event in a frame, null for any other frame. */
export function seqOf(frame: ReceivedFrame): number | null {
  if (frame.type === "event") return frame.event.seq;
  return frame.type === "unreadable-event" ? frame.seq : null;
}
