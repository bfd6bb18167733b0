import { totalmem } from "node:os";
import type { Config } from "../config.ts";
import type { Database } from "../db/database.ts";
import { readAvailableMemory } from "../lib/available-memory.ts";
import { createBootStore } from "./boot-store.ts";
import { createEnginePresence } from "./engine-presence.ts";
import { createHubDirectories } from "./hub-directory.ts";
import { createSandboxManager, type ManagerDeps } from "./sandbox-manager.ts";
import { createSandboxPlaces, EXPECTED_SANDBOX_BYTES, limitByMemory } from "./sandbox-places.ts";
import type { EngineInfo } from "./sandbox-provider.ts";

const CONNECT_TIMEOUT_MS = 60_000;

export interface SandboxesDeps extends Pick<
  ManagerDeps,
  "provider" | "env" | "readTerms" | "callbacks" | "clock" | "log" | "failpoint"
> {
  db: Database;
  config: Config;
  /** Marks what belongs to this data directory on the engine. */
  instance: string;
  /** Bytes that programs could still get; asked of the system where it is not given. */
  readAvailableMemory?: (() => number | undefined) | undefined;
}

/** The room of the sandboxes: what runs, where their sockets are, and how many have a place at once. */
export function createSandboxes({ db, config, instance, ...deps }: SandboxesDeps) {
  const { image, silenceMs, maxRunning } = config.sandbox;
  let engineMemoryBytes: number | undefined;
  const places = createSandboxPlaces({
    limit: () => maxRunning ?? limitByMemory(engineMemoryBytes ?? totalmem()),
    availableBytes: deps.readAvailableMemory ?? readAvailableMemory,
    reserveBytes: EXPECTED_SANDBOX_BYTES,
    isStarting: (sessionId) => manager.isStarting(sessionId),
  });
  const boots = createBootStore({ db });
  const directories = createHubDirectories({ dataDir: config.dataDir, instance });
  const manager = createSandboxManager({
    ...deps,
    ...{ boots, directories, image, silenceMs, connectTimeoutMs: CONNECT_TIMEOUT_MS },
  });

  return {
    manager,
    places,
    boots,
    directories,
    engine: createEnginePresence({ info: () => deps.provider.info() }),

    /** The engine may run in a machine of its own, with less memory than this one. */
    noteEngine({ memoryBytes }: Pick<EngineInfo, "memoryBytes">): void {
      engineMemoryBytes = memoryBytes;
    },
  };
}
