import { SessionId } from "@background-agents/shared/ids";
import type { FleetFrame, SessionFrame } from "@background-agents/shared/protocol/session-frames";
import type { EventHub } from "../events/event-hub.ts";
import type { EventLog } from "../events/event-log.ts";
import type { BrowserConnection, SocketRoute } from "../http/browser-socket.ts";
import { AppError } from "../lib/app-error.ts";
import { createSessionNews, type SessionNewsDeps } from "./session-news.ts";
import type { SessionStore } from "./session-store.ts";

export interface SessionSocketDeps extends SessionNewsDeps {
  store: SessionStore;
  log: EventLog;
  hub: EventHub;
}

const PAGE = 100;
const FLEET_SIZE = 1000;

/**
 * `/api/sessions/:id/socket?after=<seq>`: the snapshot, then every event after `seq` (without `after`: after the
 * snapshot), then what happens. A browser that is behind gets no more until it has read; the step from what is stored to what
 * happens is synchronous, so nothing slips in between.
 */
export function sessionSocketRoute(deps: SessionSocketDeps): SocketRoute {
  return {
    match(url) {
      const id = /^\/api\/sessions\/([^/]+)\/socket$/.exec(url.pathname)?.[1];
      if (id === undefined) return undefined;
      const sessionId = SessionId.safeParse(id);
      const state = sessionId.success ? deps.store.find(sessionId.data) : undefined;
      if (!sessionId.success || !state) throw new AppError("session.not-found", "There is no such session.");
      const after = url.searchParams.get("after");
      const from = after === null ? undefined : Number(after);
      if (from !== undefined && !(Number.isSafeInteger(from) && from >= 0)) {
        throw new AppError("request.invalid", "after: must be a seq, a whole number from 0");
      }
      return (connection) => serveSession(deps, connection, { sessionId: sessionId.data, from });
    },
  };
}

function serveSession(
  deps: SessionSocketDeps,
  connection: BrowserConnection,
  order: { sessionId: SessionId; from: number | undefined },
): void {
  const { sessionId } = order;
  const news = createSessionNews(deps, sessionId);
  const snapshot = news.snapshot();
  if (!snapshot) return;
  let seq = order.from ?? snapshot.lastSeq;
  const send = (frame: SessionFrame): boolean => connection.send(JSON.stringify(frame));
  send(snapshot);

  /** False where the rest has to wait: for the browser to read, or for ever because it is gone. */
  const sendStored = (): boolean => {
    for (;;) {
      const events = deps.log.listAfter(sessionId, seq, PAGE);
      if (events.length === 0) return true;
      for (const event of events) {
        if (!send({ type: "event", event })) return false;
        seq = event.seq;
        news.note(event);
        if (waits()) return false;
      }
    }
  };
  const waits = (): boolean => {
    if (!connection.isBehind()) return false;
    connection.whenFlushed(catchUp);
    return true;
  };
  const catchUp = (): void => {
    if (!sendStored()) return;
    for (const frame of news.changes()) send(frame);
    // Nobody is told everything as it happens who has yet to read what happened.
    if (waits()) return;
    connection.onClose(deps.hub.subscribe(sessionId, (_frame, encoded) => void connection.send(encoded)));
  };
  // A snapshot alone can be more than a browser may leave unread.
  if (!waits()) catchUp();
}

/** `/api/socket`: all sessions that are not deleted or archived, then each change. */
export function fleetSocketRoute(deps: Pick<SessionSocketDeps, "store" | "hub">): SocketRoute {
  return {
    match(url) {
      if (url.pathname !== "/api/socket") return undefined;
      return (connection) => {
        const { sessions } = deps.store.list({}, FLEET_SIZE);
        const snapshot: FleetFrame = { type: "snapshot", sessions };
        connection.send(JSON.stringify(snapshot));
        connection.onClose(deps.hub.subscribeFleet((_frame, encoded) => void connection.send(encoded)));
      };
    },
  };
}
