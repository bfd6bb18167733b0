import type { IncomingMessage } from "node:http";
import { isIP, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { SessionId } from "@background-agents/shared/ids";
import { messageOf } from "../lib/app-error.ts";
import { systemClock, type Clock } from "../lib/clock.ts";
import type { Log } from "../lib/logger.ts";
import { createBlockedReports, type BlockedEgress } from "./blocked-reports.ts";
import { refusalReason, type EgressMode } from "./egress-policy.ts";
import { parseEgressTarget, type EgressTarget } from "./egress-target.ts";
import { joinTunnel } from "./join-tunnel.ts";
import { classifyAddress } from "./classify-address.ts";
import type { EgressRule } from "./registry-preset.ts";
import { connectThroughProxy, connectToAny, resolveHost } from "./tunnel-client.ts";

const SETUP_LIMIT_MS = 20_000;
const IDLE_LIMIT_MS = 10 * 60_000;
const HANG_UP_MS = 5_000;
const TUNNELS_PER_SESSION = 64;

/** One CONNECT as the hub got it, and whose container it came from. */
export interface EgressConnect {
  sessionId: SessionId;
  request: Pick<IncomingMessage, "url">;
  socket: Duplex;
  head: Buffer;
}

export interface EgressProxy {
  /** Answers one CONNECT of a container. Never throws; refusals are `403` with the reason as text. */
  handleConnect(connect: EgressConnect): void;
}

export interface EgressProxyDeps {
  mode: EgressMode;
  rules: readonly EgressRule[];
  /** The host's own proxy, where it needs one to reach the internet: `http://host:port`. */
  upstreamProxy?: string | undefined;
  /**
   * Targets (`host:port`) that the session may reach besides: the user's own remotes, wherever they are. Held against
   * what the container asks for letter by letter; with the mode `none` nothing is reached all the same.
   */
  listOwnTargets?: ((sessionId: SessionId) => Promise<readonly string[]>) | undefined;
  onBlocked: (blocked: BlockedEgress) => void;
  log: Pick<Log, "debug">;
  resolve?: (host: string) => Promise<string[]>;
  connect?: (addresses: readonly string[], port: number, signal: AbortSignal) => Promise<Socket>;
  isAllowedAddress?: (address: string) => boolean;
  tunnelsPerSession?: number;
  idleLimitMs?: number;
  clock?: Clock;
}

type Refusal = {
  status: "403 Forbidden" | "429 Too Many Requests" | "502 Bad Gateway";
  reason: string;
  blocked: boolean;
};

/** The one way out of a sandbox: CONNECT to a host the policy allows, at an address that was checked. */
export function createEgressProxy(deps: EgressProxyDeps): EgressProxy {
  const resolve = deps.resolve ?? resolveHost;
  const connect = deps.connect ?? connectToAny;
  const isAllowedAddress =
    deps.isAllowedAddress ??
    ((address: string) => {
      const kind = classifyAddress(address);
      return kind === "public" || (kind === "stand-in" && deps.mode === "allowlist");
    });
  const limit = deps.tunnelsPerSession ?? TUNNELS_PER_SESSION;
  const upstreamProxy = deps.upstreamProxy === undefined ? undefined : new URL(deps.upstreamProxy);
  const reportBlocked = createBlockedReports({ clock: deps.clock ?? systemClock, onBlocked: deps.onBlocked });
  const open = new Map<SessionId, number>();

  const connectDirectly = async (target: EgressTarget, signal: AbortSignal): Promise<Duplex | Refusal> => {
    let addresses: string[];
    try {
      addresses = await resolve(target.host);
    } catch (error) {
      return failed(`${target.host} cannot be resolved: ${messageOf(error)}`);
    }
    // Resolved once: the addresses checked here are the ones connected to, whatever the name says a moment later.
    const refused = addresses.find((address) => !isAllowedAddress(address));
    if (refused !== undefined) return forbidden(`${target.host} leads to an address that is not public`);
    if (signal.aborted) return failed("the client is gone");
    return connect(addresses, target.port, signal);
  };

  /** A tunnel to one of the user's own remotes; undefined where it is none. Directly: proxies seldom let SSH through. */
  const openOwn = async (
    authority: string,
    sessionId: SessionId,
    signal: AbortSignal,
  ): Promise<Duplex | Refusal | undefined> => {
    if (!deps.listOwnTargets || deps.mode === "none") return undefined;
    if (!(await deps.listOwnTargets(sessionId)).includes(authority.toLowerCase())) return undefined;
    const [, host = "", port = ""] = /^(.*):(\d+)$/.exec(authority) ?? [];
    try {
      return await connect(isIP(host) ? [host] : await resolve(host), Number(port), signal);
    } catch (error) {
      return failed(`${host} cannot be reached: ${messageOf(error)}`);
    }
  };

  const openTunnel = async (target: EgressTarget, signal: AbortSignal): Promise<Duplex | Refusal> => {
    const reason = refusalReason(deps, target);
    if (reason !== undefined) return forbidden(reason);
    try {
      // Behind a proxy the host often cannot resolve public names: resolution, and what it leads to, are the proxy's.
      if (upstreamProxy) return await connectThroughProxy(upstreamProxy, target, signal);
      return await connectDirectly(target, signal);
    } catch (error) {
      return failed(`${target.host} cannot be reached: ${messageOf(error)}`);
    }
  };

  const serve = async (options: {
    authority: string;
    socket: Duplex;
    head: Buffer;
    sessionId: SessionId;
  }): Promise<void> => {
    const { authority, socket, head, sessionId } = options;
    const target = parseEgressTarget(authority);
    const gone = new AbortController();
    const onClose = () => gone.abort(new Error("the client is gone"));
    socket.once("close", onClose);
    const signal = AbortSignal.any([gone.signal, AbortSignal.timeout(SETUP_LIMIT_MS)]);
    const tunnel =
      (await openOwn(authority, sessionId, signal)) ??
      ("reason" in target ? forbidden(target.reason) : await openTunnel(target, signal));
    socket.off("close", onClose);
    if ("status" in tunnel) {
      if (tunnel.blocked) reportBlocked({ sessionId, reason: tunnel.reason, ...named(target, authority) });
      refuse(socket, tunnel);
      return;
    }
    if (socket.destroyed) {
      tunnel.destroy();
      return;
    }
    socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
    if (head.length > 0) tunnel.write(head);
    await joinTunnel(socket, tunnel, deps.idleLimitMs ?? IDLE_LIMIT_MS);
  };

  const handleConnect: EgressProxy["handleConnect"] = ({ sessionId, request, socket, head }) => {
    socket.on("error", (error) => deps.log.debug({ sessionId, reason: error.message }, "a tunnel's client failed"));
    const before = open.get(sessionId) ?? 0;
    if (before >= limit) {
      refuse(socket, {
        status: "429 Too Many Requests",
        reason: `more than ${limit} connections at once`,
        blocked: false,
      });
      return;
    }
    open.set(sessionId, before + 1);
    void serve({ authority: request.url ?? "", socket, head, sessionId })
      .catch((error: unknown) => {
        deps.log.debug({ sessionId, reason: messageOf(error) }, "a tunnel failed");
        socket.destroy();
      })
      .finally(() => {
        const left = (open.get(sessionId) ?? 1) - 1;
        if (left > 0) open.set(sessionId, left);
        else open.delete(sessionId);
      });
  };
  return { handleConnect };
}

function forbidden(reason: string): Refusal {
  return { status: "403 Forbidden", reason, blocked: true };
}

function failed(reason: string): Refusal {
  return { status: "502 Bad Gateway", reason, blocked: false };
}

function named(target: EgressTarget | { reason: string }, authority: string): { host: string; port: number } {
  if (!("reason" in target)) return target;
  return { host: authority.replace(/[^\x21-\x7e]/g, "?").slice(0, 200), port: 0 };
}

function refuse(socket: Duplex, refusal: Refusal): void {
  const body = `Egress refused: ${refusal.reason}\n`;
  const head = `HTTP/1.1 ${refusal.status}\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n`;
  socket.resume();
  socket.end(head + body);
  // A client that does not hang up after the answer is hung up on.
  const hangUp = setTimeout(() => socket.destroy(), HANG_UP_MS).unref();
  socket.once("close", () => clearTimeout(hangUp));
}
