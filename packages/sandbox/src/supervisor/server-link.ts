import {
  HubFrame,
  type Report,
  type SandboxSpec,
  type SupervisorFrame,
} from "@background-agents/shared/protocol/supervisor-frames";
import { SUPERVISOR_PROTOCOL_VERSION } from "@background-agents/shared/protocol/version";
import type { BootId, PromptId } from "@background-agents/shared/ids";
import { WebSocket, type RawData } from "ws";
import { createBackoff } from "../lib/backoff.ts";
import { type HubAddress, hubControlUrl } from "./hub-address.ts";

/** Transient frames are dropped while the server reads more slowly than we write. */
const BUFFER_LIMIT_BYTES = 4 * 2 ** 20;
const HEARTBEAT_MS = 15_000;

export type HubOrder = Exclude<HubFrame, { type: "welcome" | "ack" | "ping" | "refused" }>;

export interface ServerLinkDeps {
  address: HubAddress;
  token: string;
  boot: BootId;
  openPromptId: () => PromptId | undefined;
  /** Reports to send again after a welcome, in order. */
  unackedReports: () => Report[];
  /** Transient frames that bring a server that knows nothing up to date. */
  openFrames: () => SupervisorFrame[];
  onWelcome: (spec: SandboxSpec) => void;
  onAck: (report: number) => void;
  onOrder: (order: HubOrder) => void;
  onLog: (message: string) => void;
  /** Called when no server was there for `awayLimitMs`. */
  onAway: () => void;
  awayLimitMs: number;
}

/**
 * The control socket to the server: connects first and for ever. After each welcome the reports the server has not
 * stored go out again, in order, then the open parts.
 */
export function startServerLink(deps: ServerLinkDeps) {
  const backoff = createBackoff({ firstMs: 100, maxMs: 5_000 });
  let socket: WebSocket | undefined;
  let welcomed = false;
  let closed = false;
  let retry: NodeJS.Timeout | undefined;
  let away = setTimeout(deps.onAway, deps.awayLimitMs);
  const waiters: (() => void)[] = [];

  const write = (frame: SupervisorFrame) => socket?.send(JSON.stringify(frame));

  function onWelcome(spec: SandboxSpec): void {
    welcomed = true;
    backoff.reset();
    clearTimeout(away);
    for (const report of deps.unackedReports()) write(report);
    for (const frame of deps.openFrames()) write(frame);
    for (const resolve of waiters.splice(0)) resolve();
    deps.onWelcome(spec);
  }

  function onFrame(data: RawData): void {
    let frame: HubFrame | undefined;
    try {
      frame = HubFrame.safeParse(JSON.parse(Buffer.from(data as Buffer).toString("utf8"))).data;
    } catch {
      frame = undefined;
    }
    if (!frame) return deps.onLog("The server sent a frame that is not understood.");
    switch (frame.type) {
      case "welcome":
        return onWelcome(frame.spec);
      case "ack":
        return deps.onAck(frame.report);
      case "ping":
        write({ type: "pong" });
        return undefined;
      case "refused":
        deps.onLog(`The server refuses this supervisor: ${frame.message}`);
        return undefined;
      default:
        return deps.onOrder(frame);
    }
  }

  function connect(): void {
    const current = new WebSocket(hubControlUrl(deps.address), {
      headers: { authorization: `Bearer ${deps.token}` },
      handshakeTimeout: 10_000,
      perMessageDeflate: false,
    });
    socket = current;
    let alive = true;
    const heartbeat = setInterval(() => {
      if (!alive) return current.terminate();
      alive = false;
      if (current.readyState === WebSocket.OPEN) current.ping();
      return undefined;
    }, HEARTBEAT_MS);
    current.on("pong", () => (alive = true));
    current.on("open", () => {
      const openPromptId = deps.openPromptId();
      write({
        type: "hello",
        protocolVersion: SUPERVISOR_PROTOCOL_VERSION,
        boot: deps.boot,
        ...(openPromptId ? { openPromptId } : {}),
      });
    });
    current.on("message", (data) => {
      alive = true;
      onFrame(data);
    });
    current.on("error", () => undefined); // `close` follows.
    current.on("close", () => {
      clearInterval(heartbeat);
      if (welcomed) away = setTimeout(deps.onAway, deps.awayLimitMs);
      welcomed = false;
      if (!closed) retry = setTimeout(connect, backoff.nextMs());
    });
  }

  connect();
  return {
    /** Sends reports that are on disk; while no server is there they wait in the spool. */
    sendReports(reports: Report[]): void {
      if (welcomed) for (const report of reports) write(report);
    },
    /** Sends a frame that may be lost. */
    sendTransient(frame: SupervisorFrame): void {
      if (welcomed && socket && socket.bufferedAmount < BUFFER_LIMIT_BYTES) write(frame);
    },
    isConnected: () => welcomed,
    /** Resolves when a server is there. */
    connected(): Promise<void> {
      return welcomed ? Promise.resolve() : new Promise((resolve) => waiters.push(resolve));
    },
    close(): void {
      closed = true;
      clearTimeout(retry);
      clearTimeout(away);
      socket?.close();
    },
  };
}

export type ServerLink = ReturnType<typeof startServerLink>;
