import { CONTAINER_PATHS, SUPERVISOR_ENV } from "@background-agents/shared/protocol/supervisor-frames";
import type { ContainerCreateOptions, MountSettings } from "dockerode";
import { SANDBOX_USER, type HostCredentials } from "./host-credentials.ts";
import type { SandboxOrder } from "./sandbox-provider.ts";

/** Labels that tell our containers, volumes and networks from everything else on the engine. */
export const LABELS = {
  instance: "background-agents.instance",
  session: "background-agents.session",
  boot: "background-agents.boot",
  helper: "background-agents.helper",
  /** On the relay of a boot, with the boot's id. Not the label of sandboxes: a relay is none. */
  relay: "background-agents.relay",
} as const;

/** As the engine takes them. */
export interface ContainerLimits {
  memoryBytes: number;
  /** Already clamped to what the engine has: more is refused by it. */
  cpus: number;
  /** Always named, so that another default of the engine is noticed. */
  runtime: string;
  /** False where the engine cannot limit swap and would change the value itself. */
  limitsSwap: boolean;
  /** Security options that have system calls filtered, where the engine does not do so by itself. */
  callFilter: string[];
}

/** The engine leaves out what is empty when it describes the container, so nothing empty is asked for. */
const NO_COPY = { NoCopy: true } as NonNullable<MountSettings["VolumeOptions"]>;

/** A container as it is asked of the engine. */
export type ContainerProfile = ReturnType<typeof buildContainerProfile>;

export interface ProfileInput {
  order: SandboxOrder;
  instance: string;
  limits: ContainerLimits;
  volumes: { workspace: string; state: string };
  /** `none`, or the boot's own, on which there is nothing but a relay to the hub. */
  network: string;
  /** Only where the user opted in: see SECURITY.md for what that gives away. */
  credentials?: (HostCredentials & { passwdPath: string }) | undefined;
}

/** Pure: the one place that says what a sandbox may do. Nothing secret is ever in `Env`. */
export function buildContainerProfile(input: ProfileInput) {
  const { order, limits, volumes, credentials } = input;
  // The engine gives an empty volume the owner that the image's directory has; these were given to the user before.
  const asOwned = credentials && { VolumeOptions: NO_COPY };
  return {
    Image: order.image,
    User: credentials?.user ?? SANDBOX_USER,
    Env: Object.entries({
      HOME: `${CONTAINER_PATHS.state}/home`,
      [SUPERVISOR_ENV.hub]: order.hubAddress,
      [SUPERVISOR_ENV.boot]: order.boot,
      ...order.env,
      ...credentials?.env,
    }).map(([name, value]) => `${name}=${value}`),
    Labels: {
      [LABELS.instance]: input.instance,
      [LABELS.session]: order.sessionId,
      [LABELS.boot]: order.boot,
    },
    StopSignal: "SIGTERM",
    StopTimeout: 20,
    HostConfig: {
      NetworkMode: input.network,
      ReadonlyRootfs: true,
      Init: true,
      CapDrop: ["ALL"],
      SecurityOpt: ["no-new-privileges:true", ...limits.callFilter],
      IpcMode: "private",
      ...{ CgroupnsMode: "private" },
      Memory: limits.memoryBytes,
      MemorySwap: limits.limitsSwap ? limits.memoryBytes : -1,
      NanoCpus: Math.floor(limits.cpus * 1e9),
      CpuShares: 512,
      PidsLimit: 512,
      OomScoreAdj: 500,
      ShmSize: 268_435_456,
      Ulimits: [
        { Name: "nofile", Soft: 8192, Hard: 8192 },
        { Name: "core", Soft: 0, Hard: 0 },
      ],
      Mounts: [
        { Type: "volume" as const, Source: volumes.workspace, Target: CONTAINER_PATHS.workspace, ...asOwned },
        { Type: "volume" as const, Source: volumes.state, Target: CONTAINER_PATHS.state, ...asOwned },
        { Type: "bind" as const, Source: order.mirrorPath, Target: CONTAINER_PATHS.mirror, ReadOnly: true },
        { Type: "bind" as const, Source: order.hubDirectory, Target: CONTAINER_PATHS.hub, ReadOnly: true },
        ...mountsOf(credentials),
      ],
      Tmpfs: { "/tmp": "rw,nosuid,nodev,exec,size=1g,nr_inodes=200k" },
      LogConfig: { Type: "local", Config: { "max-size": "10m", "max-file": "3" } },
      RestartPolicy: { Name: "no" },
      AutoRemove: false,
      Runtime: limits.runtime,
    },
  } satisfies ContainerCreateOptions;
}

function mountsOf(credentials: ProfileInput["credentials"]) {
  if (!credentials) return [];
  const passwd = { source: credentials.passwdPath, target: "/etc/passwd" };
  return [passwd, ...credentials.mounts].map(({ source, target }) => ({
    ...{ Type: "bind" as const, Source: source, Target: target, ReadOnly: true },
  }));
}
