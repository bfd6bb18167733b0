import type { BootId, SessionId } from "@background-agents/shared/ids";

/** What a provider is asked to run: one container for one boot of one session. */
export interface SandboxOrder {
  sessionId: SessionId;
  boot: BootId;
  image: string;
  mirrorPath: string;
  /** Host directory with the hub's socket and the boot's token; mounted read-only at /run/hub. */
  hubDirectory: string;
  /** The hub as the supervisor dials it: `unix:<path in the container>` or `tcp:<host>:<port>`. */
  hubAddress: string;
  env: Record<string, string>;
}

export interface SandboxInstance {
  /** The provider's own handle (a container id). */
  handle: string;
  sessionId: SessionId;
  boot: BootId;
  running: boolean;
  /** Set once it ended. */
  exitCode: number | null;
  outOfMemory: boolean;
}

export interface EngineInfo {
  version: string;
  cpus: number;
  memoryBytes: number;
  /** How containers reach the hub: a mounted Unix socket, or TCP where the engine runs in a VM. */
  transport: "unix" | "tcp";
}

/**
 * The seam between the manager and whatever runs containers. Every call may throw `engine.unavailable`.
 * Docker is the one real implementation; tests run against a fake that passes the same contract suite.
 */
export interface SandboxProvider {
  info(): Promise<EngineInfo>;
  /** Throws `image.missing` where the image is not there. */
  requireImage(image: string): Promise<void>;
  /** For `tcp`: the address on the host to listen on and the name containers dial; made when missing. */
  hubEndpoint(): Promise<{ listenHost: string; dialHost: string }>;
  /** Creates and starts the container; answers its handle. */
  start(order: SandboxOrder): Promise<string>;
  /** SIGTERM, then SIGKILL after the grace period. Nothing happens where it is gone. */
  stop(handle: string, graceMs: number): Promise<void>;
  /** Removes the container, not its volumes. */
  remove(handle: string): Promise<void>;
  /** Nothing happens where they are gone. Throws while a container still uses one. */
  removeVolumes(sessionId: SessionId): Promise<void>;
  /** Bytes in the volumes of each session of this instance; absent where the provider cannot tell. */
  volumeBytes?(): Promise<Map<SessionId, number>>;
  /** Every container of this instance, running or not. */
  list(): Promise<SandboxInstance[]>;
  /** The last `lines` lines the container printed. */
  logTail(handle: string, lines: number): Promise<string>;
  /** Calls back when a container of this instance ends, until the returned function is called. */
  watch(onEnd: (instance: SandboxInstance) => void): () => void;
}
