import type { BootId, SessionId } from "@background-agents/shared/ids";

/** What a sandbox may use up; asked anew at each start. */
export interface SandboxResources {
  memoryBytes: number;
  cpus: number;
  /** The engine's container runtime, e.g. `runsc`; null: its default. */
  runtime: string | null;
}

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
  resources: SandboxResources;
  /** The user's own credentials are mounted; see SECURITY.md. */
  mountsCredentials: boolean;
}

/** An image with Debian packages of a repository's own on top of `base`. */
export interface DerivedImageOrder {
  base: string;
  /** Names of Debian packages, perhaps with a version. */
  packages: string[];
  /** What the build prints, line by line, where there is one. */
  onLine: (line: string) => void;
}

/** What the files of a session's volumes take. */
export interface VolumeUse {
  bytes: number;
  inodes: number;
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
  /** In what a running container is not what was built for its boot, one line each; empty where it is. */
  differences: string[];
}

export interface EngineInfo {
  version: string;
  cpus: number;
  memoryBytes: number;
  /** How containers reach the hub: a mounted Unix socket, or TCP where the engine runs in a VM. */
  transport: "unix" | "tcp";
}

/**
 * The seam between the manager and whatever runs containers. Every call may throw `engine.unavailable`, which passes when
 * the engine is there again, and `engine.unusable`, which does not.
 * Docker is the one real implementation; tests run against a fake that passes the same contract suite.
 */
export interface SandboxProvider {
  info(): Promise<EngineInfo>;
  /** Throws `image.missing` where the image is not there. */
  requireImage(image: string): Promise<void>;
  /** For `tcp`: the address on the host to listen on and the name containers dial; made when missing. */
  hubEndpoint(): Promise<{ listenHost: string; dialHost: string }>;
  /**
   * The image with these packages, built where it is not there; runs only outside of sandboxes. Throws
   * `image.build-failed` with the end of the log as `details.logTail`.
   */
  deriveImage(order: DerivedImageOrder): Promise<string>;
  /** Removes derived images of this instance that nobody asked for since `before`; answers how many. */
  removeUnusedImages(before: Date): Promise<number>;
  /** Creates the container, compares it with what was asked for, and starts it; answers its handle. Throws `sandbox.unsafe`. */
  start(order: SandboxOrder): Promise<string>;
  /** SIGTERM, then SIGKILL after the grace period. Nothing happens where it is gone. */
  stop(handle: string, graceMs: number): Promise<void>;
  /** Removes the container, not its volumes. */
  remove(handle: string): Promise<void>;
  /** Nothing happens where they are gone. Throws while a container still uses one. */
  removeVolumes(sessionId: SessionId): Promise<void>;
  /** Bytes in the volumes of each session of this instance; absent where the provider cannot tell. */
  volumeBytes?(): Promise<Map<SessionId, number>>;
  /** What the volumes of these sessions hold, counted where no agent can meddle. */
  measureVolumes(sessionIds: SessionId[]): Promise<Map<SessionId, VolumeUse>>;
  /** Bytes that running sandboxes have written to disks, as the kernel counts them; absent where nobody does. */
  bytesWritten?(): Promise<Map<SessionId, number>>;
  /** What is free on the disk that holds the volumes; undefined where the provider cannot tell. */
  freeSpace(): Promise<VolumeUse | undefined>;
  /** Every container of this instance, running or not. */
  list(): Promise<SandboxInstance[]>;
  /** The last `lines` lines the container printed. */
  logTail(handle: string, lines: number): Promise<string>;
  /** Calls back when a container of this instance ends, until the returned function is called. */
  watch(onEnd: (instance: SandboxInstance) => void): () => void;
}
