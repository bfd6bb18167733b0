import { rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { newId, type SessionId } from "@background-agents/shared/ids";
import { AppError } from "../src/lib/app-error.ts";
import type { SandboxInstance, SandboxOrder } from "../src/sandboxes/sandbox-provider.ts";
import type { Ledger } from "./ledger.ts";
import type { Random } from "./random.ts";
import { createVolumeMemory, type VolumeMemory } from "./volume-memory.ts";
import { startSimulatedSandbox, type SimulatedSandbox } from "./simulated-agent.ts";

export interface SimulatedContainer extends SandboxInstance {
  /** The label that says whose it is. */
  instance: string;
  sandbox: SimulatedSandbox | undefined;
}

/** What stands in the way of the engine's calls. */
export interface EngineFaults {
  down: boolean;
  slowMs: number;
  failing: Set<string>;
  /** How often each call was made while it was down. */
  refused: Record<string, number>;
  /** Called while a container is being created, before it exists (throwing then leaves none) and once it runs. */
  onStart: ((moment: "before" | "after") => void) | undefined;
}

export type SimulatedEngine = ReturnType<typeof createSimulatedEngine>;

/** An engine whose containers outlive the server: they are simulated supervisors that dial the server's real hub. */
export function createSimulatedEngine(deps: { volumesDir: string; ledger: Ledger; random: Random }) {
  const containers = new Map<string, SimulatedContainer>();
  const watchers = new Set<(instance: SandboxInstance) => void>();
  const faults: EngineFaults = { down: false, slowMs: 0, failing: new Set(), refused: {}, onStart: undefined };
  /** What lies on each session's volume, beside its tree. */
  const memories = new Map<SessionId, VolumeMemory>();
  let made = 0;

  function memoryOf(sessionId: SessionId): VolumeMemory {
    const memory = memories.get(sessionId) ?? createVolumeMemory();
    memories.set(sessionId, memory);
    return memory;
  }

  function removeVolume(sessionId: SessionId): void {
    memories.delete(sessionId);
    rmSync(join(deps.volumesDir, sessionId), { recursive: true, force: true });
  }

  const tell = ({ instance: _label, sandbox: _sandbox, ...container }: SimulatedContainer): SandboxInstance =>
    container;

  function end(container: SimulatedContainer, how: { exitCode: number; outOfMemory?: boolean }): void {
    if (!container.running) return;
    container.running = false;
    container.exitCode = how.exitCode;
    container.outOfMemory = how.outOfMemory ?? false;
    container.sandbox?.close();
    if (!faults.down) for (const watcher of watchers) watcher(tell(container));
  }

  function start(instance: string, order: SandboxOrder): string {
    made += 1;
    const handle = `simulated-${made}`;
    const { sessionId, boot, hubDirectory, mirrorPath } = order;
    containers.set(handle, {
      handle,
      instance,
      sessionId,
      boot,
      running: true,
      exitCode: null,
      outOfMemory: false,
      differences: [],
      sandbox: startSimulatedSandbox({
        boot,
        hubDirectory,
        mirrorPath,
        volume: join(deps.volumesDir, sessionId),
        memory: memoryOf(sessionId),
        ledger: deps.ledger,
        random: deps.random.fork(handle),
      }),
    });
    return handle;
  }

  async function answer(method: string, [instance, first]: unknown[]): Promise<unknown> {
    switch (method) {
      case "info":
        return { version: "simulated", cpus: 2, memoryBytes: 64 * 2 ** 30, transport: "unix" };
      case "requireImage":
        return undefined;
      case "start": {
        faults.onStart?.("before");
        const handle = start(String(instance), first as SandboxOrder);
        faults.onStart?.("after");
        return handle;
      }
      case "stop":
      case "remove": {
        const container = containers.get(String(first));
        if (container) end(container, { exitCode: method === "stop" ? 0 : 137 });
        if (method === "remove") containers.delete(String(first));
        return undefined;
      }
      case "removeVolumes":
        return removeVolume(first as SessionId);
      case "list":
        return [...containers.values()].filter((container) => container.instance === instance).map(tell);
      case "logTail":
        return "simulated log";
      default:
        throw new AppError("server.internal", `The simulated engine knows no ${method}.`);
    }
  }

  const find = (sessionId: SessionId): SimulatedContainer => {
    const found = [...containers.values()].find((container) => container.sessionId === sessionId && container.running);
    if (!found) throw new Error(`no container of ${sessionId} runs`);
    return found;
  };

  return {
    containers,
    faults,
    watch(onEnd: (instance: SandboxInstance) => void): () => void {
      watchers.add(onEnd);
      return () => watchers.delete(onEnd);
    },
    async handle(method: string, args: unknown[]): Promise<unknown> {
      if (faults.slowMs > 0) await pause(faults.slowMs);
      if (faults.down) {
        faults.refused[method] = (faults.refused[method] ?? 0) + 1;
        throw new AppError("engine.unavailable", "The Docker engine does not answer.");
      }
      if (faults.failing.has(method)) throw new AppError("sandbox.failed", `The engine failed to ${method}.`);
      return answer(method, args);
    },
    /** The session's running container. Throws where there is none. */
    find,
    kill: (sessionId: SessionId, how: { exitCode: number; outOfMemory?: boolean }) => end(find(sessionId), how),
    /** `docker rm -f`, by somebody else. */
    removeContainer(sessionId: SessionId): void {
      const container = find(sessionId);
      end(container, { exitCode: 137 });
      containers.delete(container.handle);
    },
    /** Every container ends, as when the host goes down. */
    endAll(): void {
      for (const container of containers.values()) end(container, { exitCode: 255 });
    },
    /** The session's volumes are lost. */
    removeVolume,
    /** A container that nobody asked for, under the given label. */
    addStranger(instance: string): void {
      made += 1;
      const handle = `stranger-${made}`;
      const ids = { sessionId: newId("session"), boot: newId("boot") };
      const state = { running: true, exitCode: null, outOfMemory: false, differences: [], sandbox: undefined };
      containers.set(handle, { handle, instance, ...ids, ...state });
    },
    close(): void {
      for (const container of containers.values()) container.sandbox?.close();
    },
  };
}
