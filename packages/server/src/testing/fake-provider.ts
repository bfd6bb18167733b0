import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { SessionId } from "@background-agents/shared/ids";
import { AppError } from "../lib/app-error.ts";
import { buildFailure } from "../sandboxes/derived-image.ts";
import { wrapEngineError } from "../sandboxes/engine-call.ts";
import type { SandboxInstance, SandboxOrder, SandboxProvider, VolumeUse } from "../sandboxes/sandbox-provider.ts";
import { startFakeSupervisor, type FakeSupervisor, type FakeTurn } from "./fake-supervisor.ts";

interface FakeContainer extends SandboxInstance {
  order: SandboxOrder;
  supervisor: FakeSupervisor | undefined;
}

export interface FakeProvider extends SandboxProvider {
  containers: Map<string, FakeContainer>;
  removedVolumes: SessionId[];
  /** What the volumes of a session are said to hold. */
  volumes: Map<SessionId, number>;
  /** Bytes and inodes free where the volumes are; undefined: it cannot tell. */
  free: VolumeUse | undefined;
  /** Derived images, by name, with the packages they were made of. */
  images: Map<string, string[]>;
  /** What apt says instead of building one. */
  buildError: string | undefined;
  /** Changes a running container behind the server's back. */
  tamper(sessionId: SessionId, differences: string[]): void;
  /** Ends a container as if its process had died. */
  kill(sessionId: SessionId, exitCode: number): void;
  /** The version that supervisors started from now on speak; undefined is today's. */
  protocolVersion: number | undefined;
  /** What stands in the way: the engine is down, or the image is missing. */
  trouble: "engine" | "image" | undefined;
}

/** An engine in memory: its containers are fake supervisors of this process that dial the real hub. */
export function createFakeProvider(deps: {
  onTurn: (turn: FakeTurn) => Promise<void>;
  onSetup?: ((supervisor: FakeSupervisor) => Promise<void>) | undefined;
}): FakeProvider {
  const containers = new Map<string, FakeContainer>();
  const watchers = new Set<(instance: SandboxInstance) => void>();
  let made = 0;

  const engine = (): void => {
    if (provider.trouble === "engine") throw wrapEngineError(refusal("ECONNREFUSED"));
  };

  const end = (container: FakeContainer, exitCode: number): void => {
    if (!container.running) return;
    container.running = false;
    container.exitCode = exitCode;
    container.supervisor?.close();
    for (const watcher of watchers) watcher({ ...container });
  };

  const provider: FakeProvider = {
    containers,
    removedVolumes: [],
    volumes: new Map(),
    protocolVersion: undefined,
    trouble: undefined,
    free: undefined,
    images: new Map(),
    buildError: undefined,
    tamper(sessionId, differences) {
      for (const container of containers.values()) {
        if (container.sessionId === sessionId && container.running) container.differences = differences;
      }
    },
    kill(sessionId, exitCode) {
      for (const container of containers.values()) if (container.sessionId === sessionId) end(container, exitCode);
    },
    async info() {
      engine();
      return { version: "fake", cpus: 2, memoryBytes: 8 * 2 ** 30, transport: "unix" };
    },
    async requireImage(image) {
      engine();
      if (provider.trouble === "image") throw new AppError("image.missing", `The sandbox image ${image} is missing.`);
    },
    async hubEndpoint() {
      return { listenHost: "127.0.0.1", dialHost: "127.0.0.1" };
    },
    async start(order) {
      engine();
      made += 1;
      const handle = `fake-${made}`;
      const container: FakeContainer = {
        handle,
        order,
        sessionId: order.sessionId,
        boot: order.boot,
        running: true,
        exitCode: null,
        outOfMemory: false,
        differences: [],
        supervisor: undefined,
      };
      containers.set(handle, container);
      void startFakeSupervisor({
        boot: order.boot,
        socketPath: join(order.hubDirectory, "hub.sock"),
        token: readFileSync(join(order.hubDirectory, "token"), "utf8"),
        mirrorPath: order.mirrorPath,
        protocolVersion: provider.protocolVersion,
        onTurn: deps.onTurn,
        onSetup: deps.onSetup,
        onExit: () => end(container, 0),
      }).then(
        (supervisor) => {
          container.supervisor = supervisor;
        },
        () => end(container, 1),
      );
      return handle;
    },
    async stop(handle) {
      engine();
      const container = containers.get(handle);
      if (container) end(container, 0);
    },
    async remove(handle) {
      const container = containers.get(handle);
      if (container) end(container, 137);
      containers.delete(handle);
    },
    async removeVolumes(sessionId) {
      provider.removedVolumes.push(sessionId);
      provider.volumes.delete(sessionId);
    },
    async volumeBytes() {
      engine();
      return new Map(provider.volumes);
    },
    async deriveImage({ base, packages, onLine }) {
      engine();
      for (const name of packages) onLine(`Setting up ${name}`);
      if (provider.buildError !== undefined) throw buildFailure(provider.buildError, packages);
      const name = `${base}-with-${packages.join("-")}`;
      provider.images.set(name, packages);
      return name;
    },
    async removeUnusedImages() {
      const count = provider.images.size;
      provider.images.clear();
      return count;
    },
    async measureVolumes(sessionIds) {
      engine();
      return new Map(sessionIds.map((id) => [id, { bytes: provider.volumes.get(id) ?? 0, inodes: 1 }]));
    },
    async freeSpace() {
      return provider.free;
    },
    async list() {
      engine();
      return [...containers.values()].map(({ order: _order, supervisor: _supervisor, ...instance }) => instance);
    },
    async logTail() {
      return "fake log";
    },
    watch(onEnd) {
      watchers.add(onEnd);
      return () => watchers.delete(onEnd);
    },
  };
  return provider;
}

/** What the system says of a connection to the engine that it did not make. */
export function refusal(code: string): Error {
  return Object.assign(new Error(`connect ${code} /var/run/docker.sock`), { code, syscall: "connect" });
}
