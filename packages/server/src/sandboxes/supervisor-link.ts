import {
  SupervisorFrame,
  type HubFrame,
  type Report,
  type SandboxSpec,
} from "@background-agents/shared/protocol/supervisor-frames";
import {
  OLDEST_SUPERVISOR_PROTOCOL_VERSION,
  ORDERS_SINCE,
  SUPERVISOR_PROTOCOL_VERSION,
} from "@background-agents/shared/protocol/version";
import type { BootId } from "@background-agents/shared/ids";
import type { WebSocket } from "ws";
import { messageOf } from "../lib/app-error.ts";
import type { Failpoint } from "../lib/failpoint.ts";
import type { Log } from "../lib/logger.ts";
import { frameText } from "../lib/frame-text.ts";

export type TransientFrame = Extract<SupervisorFrame, { type: "part" | "delta" | "log" | "ports" }>;

export interface LinkDeps {
  boot: BootId;
  spec: SandboxSpec;
  /** The highest report stored for this boot. */
  lastReport: number;
  /** Records the report; the link acks only after this returned. */
  onReport(report: Report): void;
  onTransient(frame: TransientFrame): void;
  onConnected(): void;
  onClosed(): void;
  /** A link on which nothing came for this long is half open: it is given up. */
  silenceMs: number;
  failpoint?: Failpoint | undefined;
  log: Log;
}

export interface SupervisorLink {
  /**
   * False where the link is not open: what was sent is then lost and must be sent after the next hello. False, too,
   * for an order that this supervisor's version does not know.
   */
  send(frame: HubFrame): boolean;
  /** Its supervisor speaks the version before ours: it is to be replaced when its turn has ended. */
  isOutdated(): boolean;
  close(): void;
}

/** A link that is merely quiet answers several pings before it counts as silent. */
const PINGS_IN_SILENCE = 3.5;
const MAX_FRAMES_A_SECOND = 4000;

/** One control socket: checks every frame, hands reports on in order and acks them after they are stored. */
export function openSupervisorLink(socket: WebSocket, deps: LinkDeps): SupervisorLink {
  let greeted = false;
  let version = OLDEST_SUPERVISOR_PROTOCOL_VERSION;
  let stored = deps.lastReport;
  let lastHeard = Date.now();
  let windowStart = 0;
  let framesInWindow = 0;

  const send = (frame: HubFrame): boolean => {
    if (socket.readyState !== socket.OPEN || version < (ORDERS_SINCE[frame.type] ?? version)) return false;
    socket.send(JSON.stringify(frame));
    return true;
  };

  const refuse = (message: string): void => {
    deps.log.warn({ boot: deps.boot }, `closing a supervisor's link: ${message}`);
    send({ type: "refused", message });
    socket.close(1008, message.slice(0, 120));
  };

  const receive = (frame: SupervisorFrame): void => {
    if (!greeted) {
      if (frame.type !== "hello") return refuse("the first frame must be hello");
      if (frame.boot !== deps.boot) return refuse("this hub serves another boot");
      if (frame.protocolVersion > SUPERVISOR_PROTOCOL_VERSION) {
        return refuse(`protocol ${frame.protocolVersion} is newer than this server's ${SUPERVISOR_PROTOCOL_VERSION}`);
      }
      if (frame.protocolVersion < OLDEST_SUPERVISOR_PROTOCOL_VERSION) {
        return refuse(`protocol ${frame.protocolVersion} is older than this server can serve`);
      }
      greeted = true;
      version = frame.protocolVersion;
      send({ type: "welcome", protocolVersion: version, spec: deps.spec });
      send({ type: "ack", report: stored });
      deps.onConnected();
      return;
    }
    switch (frame.type) {
      case "hello":
        return refuse("hello comes once");
      case "pong":
        return;
      case "report":
        // A repeated report is acked again; a gap means the spool lost something and is the supervisor's to resend.
        if (frame.report > stored + 1) return refuse(`report ${frame.report} came before ${stored + 1}`);
        if (frame.report === stored + 1) {
          deps.onReport(frame);
          deps.failpoint?.("report.stored");
          stored = frame.report;
        }
        send({ type: "ack", report: stored });
        return;
      default:
        deps.onTransient(frame);
    }
  };

  socket.on("message", (data) => {
    // What was on its way when the link was refused comes again on the next one.
    if (socket.readyState !== socket.OPEN) return;
    lastHeard = Date.now();
    if (lastHeard - windowStart >= 1000) {
      windowStart = lastHeard;
      framesInWindow = 0;
    }
    if (++framesInWindow > MAX_FRAMES_A_SECOND) return refuse("too many frames");
    try {
      const frame = SupervisorFrame.safeParse(JSON.parse(frameText(data)));
      if (!frame.success) return refuse("a frame has the wrong shape");
      receive(frame.data);
    } catch (error) {
      // Not stored means not acked: the supervisor keeps the report and sends it again on the next link.
      deps.log.error({ boot: deps.boot, error: messageOf(error) }, "a supervisor's frame could not be handled");
      socket.close(1011, "try again");
    }
  });
  const heartbeat = setInterval(() => {
    if (Date.now() - lastHeard <= deps.silenceMs) return void send({ type: "ping" });
    deps.log.warn({ boot: deps.boot }, "closing a supervisor's link: it has gone silent");
    socket.terminate();
  }, deps.silenceMs / PINGS_IN_SILENCE);
  socket.on("error", () => undefined);
  socket.on("close", () => {
    clearInterval(heartbeat);
    if (greeted) deps.onClosed();
  });

  return { send, isOutdated: () => version < SUPERVISOR_PROTOCOL_VERSION, close: () => socket.terminate() };
}
