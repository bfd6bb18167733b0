import { newId, type BootId, type SessionId } from "@background-agents/shared/ids";
import type { HubFrame, SandboxSpec } from "@background-agents/shared/protocol/supervisor-frames";
import { CONTAINER_PATHS } from "@background-agents/shared/protocol/supervisor-frames";
import { messageOf } from "../lib/app-error.ts";
import type { Clock } from "../lib/clock.ts";
import type { Failpoint } from "../lib/failpoint.ts";
import type { Log } from "../lib/logger.ts";
import type { BootStore } from "./boot-store.ts";
import type { HubDirectories } from "./hub-directory.ts";
import { openSandbox, type BootAddress, type RunningSandbox } from "./open-sandbox.ts";
import type { SandboxCallbacks } from "./sandbox-callbacks.ts";
import type { HubListen } from "./sandbox-hub.ts";
import { describeUnsafe } from "./assert-sandbox.ts";
import type { EngineInfo, SandboxInstance, SandboxProvider, SandboxResources } from "./sandbox-provider.ts";

export interface ManagerDeps {
  provider: SandboxProvider;
  boots: BootStore;
  directories: HubDirectories;
  image: string;
  env: Record<string, string>;
  /** What holds for the session now: asked at each start. */
  readTerms(sessionId: SessionId): SandboxTerms;
  callbacks: SandboxCallbacks;
  clock: Clock;
  log: Log;
  /** A started container whose supervisor says nothing for this long has failed. */
  connectTimeoutMs: number;
  /** A link that is silent for this long is given up; the supervisor makes a new one. */
  silenceMs: number;
  failpoint?: Failpoint | undefined;
}

/** What a session's container is made with. */
export interface SandboxTerms {
  resources: SandboxResources;
  /** Debian packages that its image has besides. */
  packages: string[];
  mountsCredentials: boolean;
}

export interface SandboxStart {
  sessionId: SessionId;
  spec: SandboxSpec;
  mirrorPath: string;
}

const STOP_GRACE_MS = 20_000;

export type SandboxManager = ReturnType<typeof createSandboxManager>;

/** Runs one container a session: makes it, links to its supervisor, notices its end, adopts it after a restart. */
export function createSandboxManager(deps: ManagerDeps) {
  const { provider, boots, directories, callbacks, log } = deps;
  const running = new Map<SessionId, RunningSandbox>();
  const starting = new Set<SessionId>();

  /** Opens the sandbox's hub and enters it in the books: from now on its supervisor may come. */
  async function open(order: { sessionId: SessionId; spec: SandboxSpec }, boot: BootAddress): Promise<RunningSandbox> {
    const { sessionId } = order;
    const isRunning = (sandbox: RunningSandbox): boolean => running.get(sessionId) === sandbox;
    const { silenceMs, failpoint } = deps;
    const sandbox = await openSandbox({ ...order, boot, callbacks, isRunning, silenceMs, failpoint, log });
    running.set(sessionId, sandbox);
    return sandbox;
  }

  /** Takes the sandbox out of the books, keeps what its log said, and tells the room above. */
  async function finish(
    sessionId: SessionId,
    sandbox: RunningSandbox,
    end: { reason: string; exitCode: number | null; code?: "sandbox.unsafe" },
  ) {
    if (running.get(sessionId) !== sandbox) return;
    running.delete(sessionId);
    clearTimeout(sandbox.connectTimer);
    const expected = sandbox.stopReason !== undefined;
    const logTail = sandbox.handle && !expected ? await provider.logTail(sandbox.handle, 100).catch(() => "") : "";
    await sandbox.hub.close();
    if (sandbox.handle) {
      await provider.remove(sandbox.handle).catch((error: unknown) => {
        log.warn(
          { sessionId, error: messageOf(error) },
          "a container could not be removed; the reconciler tries again",
        );
      });
    }
    directories.remove(sandbox.boot);
    boots.remove(sandbox.boot);
    callbacks.onEnd(sessionId, {
      boot: sandbox.boot,
      expected,
      logTail,
      ...end,
      reason: sandbox.stopReason ?? end.reason,
    });
  }

  function watchConnect(sessionId: SessionId, sandbox: RunningSandbox): void {
    sandbox.connectTimer = setTimeout(() => {
      const seconds = Math.round(deps.connectTimeoutMs / 1000);
      const reason = `the supervisor did not connect within ${seconds} s`;
      finish(sessionId, sandbox, { reason, exitCode: null }).catch((error: unknown) => {
        log.error({ sessionId, error: messageOf(error) }, "a sandbox's end could not be recorded; the reconciler does");
      });
    }, deps.connectTimeoutMs);
  }

  /** A repository's packages go into an image of its own, built here and not in a sandbox; its lines are the boot's log. */
  async function deriveImage(sessionId: SessionId, packages: string[]): Promise<string> {
    if (packages.length === 0) return deps.image;
    const onLine = (line: string): void =>
      callbacks.onTransient(sessionId, { type: "log", phase: "connect", text: `${line}\n` });
    return provider.deriveImage({ base: deps.image, packages, onLine });
  }

  /** The intent is recorded before anything is made for it, so that a crash leaves nothing that no row tells of. */
  async function startBoot(order: SandboxStart, boot: BootId, transport: EngineInfo["transport"]): Promise<void> {
    const { sessionId } = order;
    callbacks.onCreating(sessionId, boot, order.spec.task ?? "agent");
    deps.failpoint?.("sandbox.intended");
    const directory = directories.create(boot);
    const endpoint = transport === "tcp" ? await provider.hubEndpoint() : undefined;
    const listen: HubListen = endpoint
      ? { kind: "tcp", host: endpoint.listenHost, port: 0 }
      : { kind: "unix", path: directory.socketPath };
    const sandbox = await open(order, { boot, tokenHash: directory.tokenHash, listen });
    try {
      boots.record(
        { boot, sessionId, tokenHash: directory.tokenHash, listen: sandbox.hub.listen },
        deps.clock.now().toISOString(),
      );
      const terms = deps.readTerms(sessionId);
      const image = await deriveImage(sessionId, terms.packages);
      const hubAddress =
        endpoint && sandbox.hub.listen.kind === "tcp"
          ? `tcp:${endpoint.dialHost}:${sandbox.hub.listen.port}`
          : `unix:${CONTAINER_PATHS.hubSocket}`;
      sandbox.handle = await provider.start({
        sessionId,
        boot,
        image,
        mirrorPath: order.mirrorPath,
        hubDirectory: directory.path,
        hubAddress,
        env: deps.env,
        resources: terms.resources,
        mountsCredentials: terms.mountsCredentials,
      });
      deps.failpoint?.("sandbox.started");
      if (!sandbox.link) watchConnect(sessionId, sandbox);
    } catch (error) {
      running.delete(sessionId);
      await sandbox.hub.close();
      directories.remove(boot);
      boots.remove(boot);
      throw error;
    }
  }

  return {
    /** Starts a new container for the session. Throws where image or engine stand in the way; nothing is left then. */
    async start(order: SandboxStart): Promise<void> {
      const { sessionId } = order;
      if (running.has(sessionId)) return;
      const engine = await provider.info();
      await provider.requireImage(deps.image);
      const boot = newId("boot");
      starting.add(sessionId);
      try {
        await startBoot(order, boot, engine.transport);
      } finally {
        starting.delete(sessionId);
      }
    },

    /** Listens again for a container that outlived the server. False where that cannot be done. */
    async adopt(instance: SandboxInstance, spec: SandboxSpec): Promise<boolean> {
      const boot = boots.find(instance.boot);
      if (!boot || boot.sessionId !== instance.sessionId || running.has(instance.sessionId)) return false;
      try {
        const sandbox = await open({ sessionId: instance.sessionId, spec }, boot);
        sandbox.handle = instance.handle;
        sandbox.adopted = true;
        watchConnect(instance.sessionId, sandbox);
        callbacks.onAdopted(instance.sessionId);
        return true;
      } catch (error) {
        log.warn({ sessionId: instance.sessionId, error: messageOf(error) }, "a running sandbox could not be adopted");
        return false;
      }
    },

    send(sessionId: SessionId, frame: HubFrame): boolean {
      return running.get(sessionId)?.link?.send(frame) ?? false;
    },

    isConnected(sessionId: SessionId): boolean {
      return running.get(sessionId)?.link !== undefined;
    },

    /**
     * Its container is from before an update of the server, and its supervisor of an older version: served until its
     * turn has ended, then replaced. One that we started ourselves is as new as the image.
     */
    isOutdated(sessionId: SessionId): boolean {
      const sandbox = running.get(sessionId);
      return sandbox?.adopted === true && sandbox.link?.isOutdated() === true;
    },

    runningSessions(): SessionId[] {
      return [...running.keys()];
    },

    /** What has a container now; a session's next one is another boot. */
    listRunning(): { sessionId: SessionId; boot: BootId }[] {
      return [...running].flatMap(([sessionId, { boot, handle }]) => (handle ? [{ sessionId, boot }] : []));
    },

    /**
     * Asks the supervisor to end, then stops the container (after `graceMs` by force); what it had under way ends as
     * `reason` says.
     */
    async stop(sessionId: SessionId, reason: string, graceMs = STOP_GRACE_MS): Promise<void> {
      const sandbox = running.get(sessionId);
      if (!sandbox) return;
      // Known before the container ends: its end may be told before the call that asked for it answers.
      sandbox.stopReason = reason;
      try {
        if (sandbox.handle) await provider.stop(sandbox.handle, graceMs);
      } catch (error) {
        // It runs on: when it ends another day, that is not what we asked for.
        sandbox.stopReason = undefined;
        throw error;
      }
      await finish(sessionId, sandbox, { reason, exitCode: null });
    },

    /** A container of ours ended (from the engine's events, or found by the reconciler). */
    async noticeEnd(instance: SandboxInstance): Promise<void> {
      const sandbox = running.get(instance.sessionId);
      if (!sandbox || sandbox.boot !== instance.boot) return;
      sandbox.handle = instance.handle;
      await finish(instance.sessionId, sandbox, { reason: endReason(instance), exitCode: instance.exitCode });
    },

    /** The container is not what was built: it ends at once, without being asked. */
    async endUnsafe(instance: SandboxInstance): Promise<void> {
      const sandbox = running.get(instance.sessionId);
      if (!sandbox || sandbox.boot !== instance.boot) return;
      sandbox.handle = instance.handle;
      sandbox.link?.close();
      await provider.remove(instance.handle);
      const reason = describeUnsafe(instance.differences);
      await finish(instance.sessionId, sandbox, { reason, exitCode: null, code: "sandbox.unsafe" });
    },

    /** The boot's container is gone from the engine. */
    async noticeGone(sessionId: SessionId, boot: BootId): Promise<void> {
      const sandbox = running.get(sessionId);
      if (!sandbox?.handle || sandbox.boot !== boot) return;
      sandbox.handle = undefined;
      await finish(sessionId, sandbox, { reason: "the container was removed", exitCode: null });
    },

    /** Closes the listeners; the containers run on and wait for the next server. */
    async detach(): Promise<void> {
      const all = [...running.values()];
      running.clear();
      for (const sandbox of all) {
        clearTimeout(sandbox.connectTimer);
        await sandbox.hub.close();
      }
    },

    runs(sessionId: SessionId, boot: BootId): boolean {
      return running.get(sessionId)?.boot === boot;
    },

    /** Its container runs, and nobody is stopping it. */
    isLeftRunning(sessionId: SessionId): boolean {
      const sandbox = running.get(sessionId);
      return sandbox?.handle !== undefined && sandbox.stopReason === undefined;
    },

    /** A container is being made for the session right now. */
    isStarting(sessionId: SessionId): boolean {
      return starting.has(sessionId);
    },

    /** Clears away what a boot without container left on the host. */
    forget(boot: BootId): void {
      directories.remove(boot);
      boots.remove(boot);
    },

    handleOf(sessionId: SessionId): string | undefined {
      return running.get(sessionId)?.handle;
    },
  };
}

/** Why the container ended, in words for the user. */
export function endReason(instance: SandboxInstance): string {
  if (instance.outOfMemory) return "the container ran out of memory (SANDBOX_MEMORY sets how much it has)";
  if (instance.exitCode === 0) return "the container ended";
  return `the container ended with exit code ${instance.exitCode ?? "unknown"}`;
}
