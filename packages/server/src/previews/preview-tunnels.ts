import { randomBytes } from "node:crypto";
import { Socket } from "node:net";
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

interface Pending {
  sessionId: SessionId;
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
  /** When a session's tunnels were last known to be used, and how much had gone through those that are open. */
  const uses = new Map<SessionId, { at: Date; bytes: number }>();

  const count = (sessionId: SessionId): number =>
    (open.get(sessionId)?.size ?? 0) + [...pending.values()].filter((one) => one.sessionId === sessionId).length;

  /** Takes the tunnel that was asked for; undefined for any other. */
  function take(sessionId: SessionId, tunnelId: string): Pending | undefined {
    const found = pending.get(tunnelId);
    if (found?.sessionId !== sessionId) return undefined;
    pending.delete(tunnelId);
    return found;
  }

  function countBytes(sessionId: SessionId): number {
    const sockets = [...(open.get(sessionId) ?? [])];
    return sockets.reduce((sum, one) => sum + (one instanceof Socket ? one.bytesRead + one.bytesWritten : 0), 0);
  }

  function noteUse(sessionId: SessionId): void {
    uses.set(sessionId, { at: clock.now(), bytes: countBytes(sessionId) });
  }

  function hold(sessionId: SessionId, socket: Duplex): void {
    const sockets = open.get(sessionId) ?? new Set();
    open.set(sessionId, sockets.add(socket));
    noteUse(sessionId);
    socket.once("close", () => {
      sockets.delete(socket);
      noteUse(sessionId);
      if (sockets.size === 0 && open.get(sessionId) === sockets) open.delete(sessionId);
    });
  }

  return {
    /** Opens one connection to the port. Never rejects. */
    open({ sessionId, port }: PreviewTarget): Promise<TunnelAnswer> {
      if (count(sessionId) >= tunnelsPerSession) return Promise.resolve({ failed: "too-many" });
      const tunnelId = randomBytes(16).toString("hex");
      return new Promise((resolve) => {
        const patience = setTimeout(() => take(sessionId, tunnelId)?.settle({ failed: "no-answer" }), dialLimitMs);
        const settle = (answer: TunnelAnswer): void => {
          clearTimeout(patience);
          resolve(answer);
        };
        pending.set(tunnelId, { sessionId, settle });
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
      found.settle({ socket });
    },

    /**
     * When somebody last looked at what runs in the sandbox: a tunnel was opened or closed, or something went through one
     * since this was asked before. A page that is merely left open is not looked at. Undefined: never.
     */
    lastUsedAt(sessionId: SessionId): Date | undefined {
      const use = uses.get(sessionId);
      if (use && use.bytes !== countBytes(sessionId)) noteUse(sessionId);
      return uses.get(sessionId)?.at;
    },

    /** Ends what is open and what is being opened. */
    cut(sessionId: SessionId): void {
      for (const [tunnelId, one] of pending) {
        if (one.sessionId === sessionId) take(sessionId, tunnelId)?.settle({ failed: "not-running" });
      }
      for (const socket of open.get(sessionId) ?? []) socket.destroy();
    },
  };
}
