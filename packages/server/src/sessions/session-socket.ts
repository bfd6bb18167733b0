import { SessionId } from "@background-agents/shared/ids";
import type { FleetFrame, SessionFrame } from "@background-agents/shared/protocol/session-frames";
import type { ListeningPort } from "@background-agents/shared/sessions/listening-port";
import type { LiveChanges } from "@background-agents/shared/sessions/session";
import type { EventHub } from "../events/event-hub.ts";
import type { EventLog } from "../events/event-log.ts";
import type { BrowserConnection, SocketRoute } from "../http/browser-socket.ts";
import type { Jobs } from "../jobs/job-service.ts";
import { AppError } from "../lib/app-error.ts";
import type { LiveParts } from "./live-parts.ts";
import type { SessionStore } from "./session-store.ts";

export interface SessionSocketDeps {
  store: SessionStore;
  log: EventLog;
  hub: EventHub;
  live: LiveParts;
  /** What the running turn has changed so far. */
  readLive: (sessionId: SessionId) => LiveChanges | null;
  jobs: Pick<Jobs, "listRunning">;
  /** What listens in the session's sandbox. */
  listPorts: (sessionId: SessionId) => ListeningPort[];
}

const PAGE = 100;
const FLEET_SIZE = 1000;

/**
 * `/api/sessions/:id/socket?after=<seq>`: the snapshot, then every event after `seq` (without `after`: after the
 * snapshot), then what happens. The step from stored events to live ones is synchronous, so no event slips in between.
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
  const state = deps.store.find(sessionId);
  if (!state) return;
  const send = (frame: SessionFrame): boolean => connection.send(JSON.stringify(frame));
  const { lastSeq } = state.session;
  send({
    type: "snapshot",
    session: state.session,
    prompts: deps.store.listPrompts(sessionId),
    lastSeq,
    ...deps.live.snapshot(sessionId),
    live: deps.readLive(sessionId),
    jobs: deps.jobs.listRunning(sessionId),
    ports: deps.listPorts(sessionId),
  });

  const goLive = (): void => {
    connection.onClose(deps.hub.subscribe(sessionId, (_frame, encoded) => void connection.send(encoded)));
    // What opened while a long log was sent.
    for (const open of deps.live.snapshot(sessionId).openParts) send({ type: "part", ...open });
  };
  const sendFrom = (after: number): void => {
    let seq = after;
    for (;;) {
      const events = deps.log.listAfter(sessionId, seq, PAGE);
      if (events.length === 0) return goLive();
      for (const event of events) {
        if (!send({ type: "event", event })) return;
        seq = event.seq;
        if (connection.isBehind()) return connection.whenFlushed(() => sendFrom(seq));
      }
    }
  };
  sendFrom(order.from ?? lastSeq);
}

/** `/api/socket`: all sessions that are not deleted or archived, then each change. */
export function fleetSocketRoute(deps: SessionSocketDeps): SocketRoute {
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
