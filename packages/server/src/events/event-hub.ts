import type { SessionId } from "@background-agents/shared/ids";
import type { FleetFrame, SessionFrame } from "@background-agents/shared/protocol/session-frames";

export interface Subscriber<Frame> {
  /** `encoded` is the frame as JSON, encoded once for all subscribers. */
  (frame: Frame, encoded: string): void;
}

export type EventHub = ReturnType<typeof createEventHub>;

/** Fans committed facts out to subscribers; announces only, nothing is decided by listening here. */
export function createEventHub() {
  const sessions = new Map<SessionId, Set<Subscriber<SessionFrame>>>();
  const fleet = new Set<Subscriber<FleetFrame>>();

  return {
    publish(sessionId: SessionId, frame: SessionFrame): void {
      const subscribers = sessions.get(sessionId);
      if (!subscribers || subscribers.size === 0) return;
      const encoded = JSON.stringify(frame);
      for (const subscriber of subscribers) subscriber(frame, encoded);
    },

    publishFleet(frame: FleetFrame): void {
      if (fleet.size === 0) return;
      const encoded = JSON.stringify(frame);
      for (const subscriber of fleet) subscriber(frame, encoded);
    },

    /** Whether anyone is told of what happens in the session. */
    isWatched(sessionId: SessionId): boolean {
      return (sessions.get(sessionId)?.size ?? 0) > 0;
    },

    subscribe(sessionId: SessionId, subscriber: Subscriber<SessionFrame>): () => void {
      const subscribers = sessions.get(sessionId) ?? new Set();
      sessions.set(sessionId, subscribers.add(subscriber));
      return () => {
        subscribers.delete(subscriber);
        if (subscribers.size === 0 && sessions.get(sessionId) === subscribers) sessions.delete(sessionId);
      };
    },

    subscribeFleet(subscriber: Subscriber<FleetFrame>): () => void {
      fleet.add(subscriber);
      return () => fleet.delete(subscriber);
    },
  };
}
