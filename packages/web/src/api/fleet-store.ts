import { FleetFrame } from "@background-agents/shared/protocol/session-frames";
import type { Session } from "@background-agents/shared/sessions/session";
import { create } from "zustand";
import { createFrameQueue } from "./frame-queue.ts";
import { type Connection, openLiveSocket } from "./live-socket.ts";

export interface Fleet {
  connection: Connection;
  /** False until the first snapshot came. */
  loaded: boolean;
  sessions: Record<string, Session>;
}

export const useFleet = create<Fleet>(() => ({ connection: "connecting", loaded: false, sessions: {} }));

/** Keeps the list of sessions live until the returned function is called. */
export function connectFleet(): () => void {
  const queue = createFrameQueue<FleetFrame>((frames) => useFleet.setState((fleet) => applyFleetFrames(fleet, frames)));
  const socket = openLiveSocket({
    path: () => "/api/socket",
    frame: FleetFrame,
    onFrame: queue.push,
    onConnection: (connection) => useFleet.setState({ connection }),
  });
  return () => {
    queue.clear();
    socket.close();
  };
}

/** Pure: the fleet after these frames. */
export function applyFleetFrames(fleet: Fleet, frames: readonly FleetFrame[]): Fleet {
  const next = { ...fleet, sessions: { ...fleet.sessions } };
  for (const frame of frames) {
    switch (frame.type) {
      case "snapshot":
        next.loaded = true;
        next.sessions = Object.fromEntries(frame.sessions.map((session) => [session.id, session]));
        break;
      case "session":
        next.sessions[frame.session.id] = frame.session;
        break;
      case "removed":
        delete next.sessions[frame.sessionId];
        break;
      case "ping":
        break;
    }
  }
  return next;
}

/** Puts a session into the list before the socket tells of it: one just created here. */
export function noteSession(session: Session): void {
  useFleet.setState(({ sessions }) => ({ sessions: { ...sessions, [session.id]: session } }));
}
