import type { BootId, SessionId } from "@background-agents/shared/ids";
import type { SandboxSpec } from "@background-agents/shared/protocol/supervisor-frames";
import type { Failpoint } from "../lib/failpoint.ts";
import type { Log } from "../lib/logger.ts";
import type { SandboxCallbacks } from "./sandbox-callbacks.ts";
import { startSandboxHub, type HubListen, type SandboxHub } from "./sandbox-hub.ts";
import { openSupervisorLink, type SupervisorLink } from "./supervisor-link.ts";

/** A sandbox as this server has it in its books. */
export interface RunningSandbox {
  boot: BootId;
  hub: SandboxHub;
  /** The engine's name of the container; undefined until it is made. */
  handle: string | undefined;
  /** The supervisor's link, while it is greeted and open. */
  link: SupervisorLink | undefined;
  /** Its container is older than this server. */
  adopted: boolean;
  /** Why we asked it to end. */
  stopReason: string | undefined;
  connectTimer: NodeJS.Timeout | undefined;
}

/** Where a boot's hub listens, and for whose token. */
export interface BootAddress {
  boot: BootId;
  /** SHA-256 of the boot's token, hex. */
  tokenHash: string;
  listen: HubListen;
}

export interface OpenSandboxOrder {
  sessionId: SessionId;
  spec: SandboxSpec;
  boot: BootAddress;
  callbacks: SandboxCallbacks;
  /** False once the sandbox has ended: a late supervisor is sent away. */
  isRunning(sandbox: RunningSandbox): boolean;
  /** A link that is silent for this long is given up; the supervisor makes a new one. */
  silenceMs: number;
  failpoint: Failpoint | undefined;
  log: Log;
}

/** Listens for the supervisor of one boot and hands on what it says; the newest link replaces the one before. */
export async function openSandbox(order: OpenSandboxOrder): Promise<RunningSandbox> {
  const { sessionId, spec, callbacks, log } = order;
  const { boot, tokenHash, listen } = order.boot;
  const books: { sandbox?: RunningSandbox } = {};

  const hub = await startSandboxHub(
    {
      sessionId,
      boot,
      tokenHash,
      log,
      routes: {
        control: (socket) => {
          const { sandbox } = books;
          if (!sandbox || !order.isRunning(sandbox)) return socket.terminate();
          sandbox.link?.close();
          const link: SupervisorLink = openSupervisorLink(socket, {
            boot,
            spec,
            lastReport: callbacks.lastReport(sessionId, boot),
            onReport: (report) => callbacks.onReport(sessionId, boot, report),
            onTransient: (frame) => callbacks.onTransient(sessionId, frame),
            onConnected: () => {
              clearTimeout(sandbox.connectTimer);
              sandbox.link = link;
              callbacks.onConnected(sessionId);
            },
            onClosed: () => {
              if (sandbox.link === link) sandbox.link = undefined;
            },
            silenceMs: order.silenceMs,
            failpoint: order.failpoint,
            log,
          });
        },
        llm: (call) => callbacks.onModelRequest(sessionId, call),
        agentGit: (call) => callbacks.onAgentGit(sessionId, call),
        connect: (tunnel) => callbacks.onEgress(sessionId, tunnel),
        bundle: (upload) => callbacks.onBundle(sessionId, upload),
        live: (upload) => callbacks.onLive(sessionId, upload),
        conversation: (checkpointId, body) => callbacks.onConversation(sessionId, checkpointId, body),
        restore: (what) => callbacks.onRestore(sessionId, what),
        blob: (hash, body) => callbacks.onBlob(sessionId, hash, body),
        secrets: () => callbacks.onSecrets(sessionId, spec.task ?? "agent"),
        preview: (dial) => callbacks.onPreview(sessionId, dial),
      },
    },
    listen,
  );
  books.sandbox = {
    boot,
    hub,
    handle: undefined,
    link: undefined,
    adopted: false,
    stopReason: undefined,
    connectTimer: undefined,
  };
  return books.sandbox;
}
