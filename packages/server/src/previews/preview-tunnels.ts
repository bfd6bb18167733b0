import { randomBytes } from "node:crypto";
import type { Duplex } from "node:stream";
import type { SessionId } from "@background-agents/shared/ids";
import type { HubFrame } from "@background-agents/shared/protocol/supervisor-frames";
import { systemClock, type Clock } from "../lib/clock.ts";
import type { PreviewDial } from "../sandboxes/sandbox-hub.ts";
import type { PreviewTarget } from "./preview-addresses.ts";

const TUNNELS_PER_SESSION = 64;
const DIAL_LIMIT_MS = 10_000;

export type TunnelFailure = "not-running" | "nothing-listens" | "too-many" | "no-answer";
export type TunnelAnswer = { socket: Duplex } | { failed: TunnelFailure };

/** A connection into a container; `isUpgrade`: for one that stays open, as a development server's to its page. */
export interface TunnelOrder extends PreviewTarget {
  isUpgrade: boolean;
}

interface Pending {
  sessionId: SessionId;
  isUpgrade: boolean;
  settle(answer: TunnelAnswer): void;
}

export interface PreviewTunnelsDeps {
  /** False where no supervisor is there to be told, or one that does not know the order. */
  send: (sessionId: SessionId, frame: HubFrame) => boolean;
  tunnelsPerSession?: number | undefined;
  /** How long a supervisor has to dial. */
  dialLimitMs?: number | undefined;
  clock?: Clock | undefined;
}

export type PreviewTunnels = ReturnType<typeof createPreviewTunnels>;

/**
 * Connections into a container, made from its side: the supervisor is asked to dial the hub with an id that holds once,
 * for its own session and for a short time, and joins what it dialled to the port.
 */
export function createPreviewTunnels(deps: PreviewTunnelsDeps) {
  const { send, tunnelsPerSession = TUNNELS_PER_SESSION, dialLimitMs = DIAL_LIMIT_MS, clock = systemClock } = deps;
  const pending = new Map<string, Pending>();
  const open = new Map<SessionId, Set<Duplex>>();
  const uses = new Map<SessionId, Date>();

  const count = (sessionId: SessionId): number =>
    (open.get(sessionId)?.size ?? 0) + [...pending.values()].filter((one) => one.sessionId === sessionId).length;

  /** Takes the tunnel that was asked for; undefined for any other. */
  function take(sessionId: SessionId, tunnelId: string): Pending | undefined {
    const found = pending.get(tunnelId);
    if (found?.sessionId !== sessionId) return undefined;
    pending.delete(tunnelId);
    return found;
  }

  function hold(sessionId: SessionId, socket: Duplex): void {
    const sockets = open.get(sessionId) ?? new Set();
    open.set(sessionId, sockets.add(socket));
    socket.once("close", () => {
      sockets.delete(socket);
      if (sockets.size === 0 && open.get(sessionId) === sockets) open.delete(sessionId);
    });
  }

  return {
    /** Opens one connection to the port. Never rejects. */
    open({ sessionId, port, isUpgrade }: TunnelOrder): Promise<TunnelAnswer> {
      if (count(sessionId) >= tunnelsPerSession) return Promise.resolve({ failed: "too-many" });
      const tunnelId = randomBytes(16).toString("hex");
      return new Promise((resolve) => {
        const patience = setTimeout(() => take(sessionId, tunnelId)?.settle({ failed: "no-answer" }), dialLimitMs);
        const settle = (answer: TunnelAnswer): void => {
          clearTimeout(patience);
          resolve(answer);
        };
        pending.set(tunnelId, { sessionId, isUpgrade, settle });
        if (send(sessionId, { type: "preview.connect", tunnelId, port })) return;
        take(sessionId, tunnelId)?.settle({ failed: "not-running" });
      });
    },

    /** What a supervisor made of it. Anything that was not asked for, or was taken before, is sent away. */
    accept(sessionId: SessionId, dial: PreviewDial): void {
      const found = take(sessionId, dial.tunnelId);
      if (!dial.socket) return found?.settle({ failed: "nothing-listens" });
      const { socket, head } = dial;
      if (!found) {
        socket.end("HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
        return;
      }
      socket.write(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: background-agents-preview\r\n\r\n",
      );
      if (head.length > 0) socket.unshift(head);
      hold(sessionId, socket);
      if (!found.isUpgrade) uses.set(sessionId, clock.now());
      found.settle({ socket });
    },

    /**
     * When somebody last looked at what runs in the sandbox: something was asked of it. What goes through a connection that
     * stays open says nothing: a page that is merely left open and its server keep it alive between them. Undefined: never.
     */
    lastUsedAt: (sessionId: SessionId): Date | undefined => uses.get(sessionId),

    /** Ends what is open and what is being opened. */
    cut(sessionId: SessionId): void {
      for (const [tunnelId, one] of pending) {
        if (one.sessionId === sessionId) take(sessionId, tunnelId)?.settle({ failed: "not-running" });
      }
      for (const socket of open.get(sessionId) ?? []) socket.destroy();
    },
  };
}
