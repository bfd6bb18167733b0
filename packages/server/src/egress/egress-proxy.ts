import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { SessionId } from "@background-agents/shared/ids";
import { messageOf } from "../lib/app-error.ts";
import { systemClock, type Clock } from "../lib/clock.ts";
import type { Log } from "../lib/logger.ts";
import { createBlockedReports, type BlockedEgress, type BlockedReport } from "./blocked-reports.ts";
import { createEgressDialer, type EgressDialerDeps } from "./egress-dialer.ts";
import { findRefusal, isListed, type EgressPolicy } from "./egress-policy.ts";
import { answerInTunnel, answerRefusal, forbidden, type EgressRefusal } from "./egress-refusal.ts";
import { parseEgressTarget, type EgressTarget } from "./egress-target.ts";
import { createGreetingGate, type Greeting } from "./greeting-gate.ts";
import { joinTunnel } from "./join-tunnel.ts";

const SETUP_LIMIT_MS = 20_000;
const IDLE_LIMIT_MS = 10 * 60_000;
const TUNNELS_PER_SESSION = 64;

/** One CONNECT as the hub got it, and whose container it came from. */
export interface EgressConnect {
  sessionId: SessionId;
  request: Pick<IncomingMessage, "url">;
  socket: Duplex;
  head: Buffer;
}

export interface EgressProxy {
  /** Answers one CONNECT of a container. Never throws; refusals are `403` with the reason in the status line. */
  handleConnect(connect: EgressConnect): void;
  /** Cuts the tunnels, of a session or of all, that would not be opened any more. */
  recheck(sessionId?: SessionId): void;
  /** The session's next refusal is reported at once; with `host`, only the next of that host. */
  forgetReports(sessionId: SessionId, host?: string): void;
}

export interface EgressProxyDeps extends EgressDialerDeps {
  /** What a session may reach now, asked for each connection. Undefined, or a failure: nothing. */
  findPolicy: (sessionId: SessionId) => EgressPolicy | undefined;
  /**
   * Targets (`host:port`) that the session may reach besides: the user's own remotes, wherever they are. Held against
   * what the container asks for letter by letter; with the mode `none` nothing is reached all the same.
   */
  listOwnTargets?: ((sessionId: SessionId) => Promise<readonly string[]>) | undefined;
  onBlocked: (report: BlockedReport) => void;
  log: Pick<Log, "debug" | "warn">;
  tunnelsPerSession?: number;
  idleLimitMs?: number;
  clock?: Clock;
}

/** What became of the dialing, and what the tunnel must say first; nothing where every host may be reached. */
interface Opened {
  opened: Duplex | EgressRefusal;
  greeting?: Greeting | undefined;
  isAllowed(): boolean;
}

interface OpenTunnel {
  sessionId: SessionId;
  isAllowed(): boolean;
  cut(): void;
}

/** The one way out of a sandbox: CONNECT to a host the policy allows, at an address that was checked. */
export function createEgressProxy(deps: EgressProxyDeps): EgressProxy {
  const { log } = deps;
  const dialer = createEgressDialer(deps);
  const limit = deps.tunnelsPerSession ?? TUNNELS_PER_SESSION;
  const reports = createBlockedReports({ clock: deps.clock ?? systemClock, onBlocked: deps.onBlocked });
  const counts = new Map<SessionId, number>();
  const tunnels = new Set<OpenTunnel>();

  function findPolicy(sessionId: SessionId): EgressPolicy | undefined {
    try {
      return deps.findPolicy(sessionId);
    } catch (error) {
      log.warn({ sessionId, reason: messageOf(error) }, "what a session may reach cannot be told: it reaches nothing");
      return undefined;
    }
  }

  /** What cannot be written down is refused all the same. */
  function tell(blocked: BlockedEgress): void {
    try {
      reports.report(blocked);
    } catch (error) {
      log.warn({ sessionId: blocked.sessionId, reason: messageOf(error) }, "a blocked host could not be recorded");
    }
  }

  async function isOwn(authority: string, sessionId: SessionId): Promise<boolean> {
    return (await deps.listOwnTargets?.(sessionId))?.includes(authority.toLowerCase()) ?? false;
  }

  /** Opens what was asked for, and tells for how long it stays allowed. */
  async function open(authority: string, sessionId: SessionId, signal: AbortSignal): Promise<Opened> {
    const findMode = () => findPolicy(sessionId)?.mode ?? "none";
    /** Where every host may be reached it is all the same which one is spoken with, so nothing is held back. */
    const guard = (opened: Duplex | EgressRefusal, greeting: Greeting, isOpenTo: () => boolean): Opened => {
      const needed = findMode() === "open" ? undefined : greeting;
      // One that was never looked at does not outlive the mode that let it be.
      return {
        opened,
        greeting: needed,
        isAllowed: () => isOpenTo() && (needed !== undefined || findMode() === "open"),
      };
    };
    if (findMode() !== "none" && (await isOwn(authority, sessionId))) {
      const host = authority.toLowerCase().replace(/:\d+$/, "");
      return guard(await dialer.dialOwn(authority, signal), { host, form: "any" }, () => findMode() !== "none");
    }
    const target = parseEgressTarget(authority);
    if ("reason" in target) {
      return { opened: forbidden({ reason: target.reason, allowable: false }), isAllowed: () => false };
    }
    const refusal = (): EgressRefusal | undefined => {
      const found = findRefusal(findPolicy(sessionId), target);
      return found && forbidden(found);
    };
    const isAllowed = (): boolean => refusal() === undefined;
    const refused = refusal();
    if (refused) return { opened: refused, isAllowed };
    const policy = findPolicy(sessionId);
    const listed = policy !== undefined && isListed(policy, target.host);
    const opened = await dialer.dial(target, { listed }, signal);
    const late = refusal();
    if (late === undefined || "status" in opened) {
      return guard(opened, { host: target.host, form: target.port === 80 ? "request" : "tls" }, isAllowed);
    }
    // The policy changed while the connection was made.
    opened.destroy();
    return { opened: late, isAllowed };
  }

  async function serve({ sessionId, authority, socket, head }: Omit<EgressConnect, "request"> & { authority: string }) {
    const gone = new AbortController();
    const onClose = () => gone.abort(new Error("the client is gone"));
    socket.once("close", onClose);
    const signal = AbortSignal.any([gone.signal, AbortSignal.timeout(SETUP_LIMIT_MS)]);
    const { opened, greeting, isAllowed } = await open(authority, sessionId, signal);
    socket.off("close", onClose);
    if ("status" in opened) {
      answerRefusal(socket, opened);
      if (opened.blocked) tell({ sessionId, ...opened.blocked, ...named(authority) });
      return;
    }
    const remote = opened;
    const refuseGreeting = (reason: string): void => {
      const blocked = { reason, allowable: false };
      remote.unpipe(socket);
      socket.once("close", () => remote.destroy());
      answerInTunnel(socket, { refusal: forbidden(blocked), inTls: greeting?.form !== "request" });
      tell({ sessionId, ...blocked, ...named(authority) });
    };
    if (socket.destroyed) {
      opened.destroy();
      return;
    }
    const tunnel: OpenTunnel = {
      sessionId,
      isAllowed,
      cut() {
        socket.destroy();
        opened.destroy();
      },
    };
    tunnels.add(tunnel);
    try {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      if (head.length > 0) socket.unshift(head);
      const gate = greeting && createGreetingGate(greeting, refuseGreeting);
      await joinTunnel({ client: socket, remote, gate, idleLimitMs: deps.idleLimitMs ?? IDLE_LIMIT_MS });
    } finally {
      tunnels.delete(tunnel);
    }
  }

  return {
    handleConnect({ sessionId, request, socket, head }) {
      socket.on("error", (error) => log.debug({ sessionId, reason: error.message }, "a tunnel's client failed"));
      const before = counts.get(sessionId) ?? 0;
      if (before >= limit) {
        answerRefusal(socket, { status: 429, reason: `Too many connections: more than ${limit} at once` });
        return;
      }
      counts.set(sessionId, before + 1);
      void serve({ authority: request.url ?? "", socket, head, sessionId })
        .catch((error: unknown) => {
          log.debug({ sessionId, reason: messageOf(error) }, "a tunnel failed");
          socket.destroy();
        })
        .finally(() => {
          const left = (counts.get(sessionId) ?? 1) - 1;
          if (left > 0) counts.set(sessionId, left);
          else counts.delete(sessionId);
        });
    },

    recheck(sessionId) {
      for (const tunnel of tunnels) {
        if (sessionId !== undefined && tunnel.sessionId !== sessionId) continue;
        if (!tunnel.isAllowed()) tunnel.cut();
      }
    },

    forgetReports: reports.forget,
  };
}

/** What the user is shown of a target, readable or not. */
function named(authority: string): EgressTarget {
  const target = parseEgressTarget(authority);
  if (!("reason" in target)) return target;
  // An address, a name that is none: still its host and its port, where there is one.
  const [, host = authority, port = "0"] = /^(.*):(\d{1,5})$/.exec(authority) ?? [];
  return { host: host.replace(/[^\x21-\x7e]/g, "?").slice(0, 200), port: Number(port) };
}
