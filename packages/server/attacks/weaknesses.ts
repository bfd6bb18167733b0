import type { ContainerProfile } from "../src/sandboxes/container-profile.ts";
import type { Weakness } from "./sandbox-world.ts";

/** The guards that controls are without. Each needs all of it gone that would stop the same attack in its place. */

type HostConfig = ContainerProfile["HostConfig"] & Record<string, unknown>;

const ROOT = "0:0";

function change(name: string, host: Record<string, unknown>, rest: Partial<ContainerProfile> = {}): Weakness {
  return {
    name,
    weaken: (profile) => ({
      ...profile,
      ...rest,
      HostConfig: { ...profile.HostConfig, ...host },
    }),
  };
}

function mount(name: string, sourceOf: (places: Parameters<Weakness["weaken"]>[1]) => [string, string]): Weakness {
  return {
    name,
    weaken(profile, places) {
      const [Source, Target] = sourceOf(places);
      const Type = Source.startsWith("/") ? ("bind" as const) : ("volume" as const);
      const Mounts = [...profile.HostConfig.Mounts, { Type, Source, Target, ReadOnly: true }] as HostConfig["Mounts"];
      return { ...profile, User: ROOT, HostConfig: { ...profile.HostConfig, CapDrop: [], Mounts } };
    },
  };
}

const UNCONFINED = ["seccomp=unconfined", "apparmor=unconfined"];

export const SYSTEM_ADMIN = change(
  "with the capability to administrate",
  { CapDrop: [], CapAdd: ["SYS_ADMIN"], SecurityOpt: UNCONFINED },
  { User: ROOT },
);
export const DEFAULT_CAPABILITIES = change("with the engine's usual capabilities", { CapDrop: [] }, { User: ROOT });
export const NEW_PRIVILEGES = change("without no-new-privileges", { SecurityOpt: [] });
export const NO_SECCOMP = change("without a filter of system calls", { SecurityOpt: UNCONFINED });
export const WRITABLE_ROOT = change(
  "with a root that can be written",
  { ReadonlyRootfs: false, CapDrop: [] },
  { User: ROOT },
);
export const PRIVILEGED = change("as privileged", { Privileged: true, CapDrop: [] }, { User: ROOT });
export const WRITABLE_KERNEL = change(
  "with the kernel's settings open",
  { ReadonlyPaths: [], MaskedPaths: [], CapDrop: [] },
  { User: ROOT },
);
export const HOST_PROCESSES = change("among the host's processes", { PidMode: "host" });
export const HOST_IPC = change(
  "with the host's shared memory",
  { IpcMode: "host", ShmSize: 0, CapDrop: [] },
  { User: ROOT },
);
export const MORE_PROCESSES = change("without a limit of processes", { PidsLimit: 4096 });
export const BRIDGE = change("with a network", { NetworkMode: "bridge" });
export const HOST_NETWORK = change("with the host's network", { NetworkMode: "host" });

export const SOCKET_MOUNT = mount("with the engine's socket", () => ["/var/run/docker.sock", "/var/run/docker.sock"]);
export const HOME_MOUNT = mount("with the user's home", ({ home }) => [home, home]);
export const DATA_DIR_MOUNT = mount("with the data directory", ({ dataDir }) => [dataDir, dataDir]);
export const SIBLING_MOUNT = mount("with another session's files", ({ siblingVolume }) => [siblingVolume, "/mnt"]);

export const WRITABLE_MOUNTS: Weakness = {
  name: "with mounts that can be written",
  weaken: (profile) => ({
    ...profile,
    User: ROOT,
    HostConfig: {
      ...profile.HostConfig,
      CapDrop: [],
      Mounts: profile.HostConfig.Mounts.map((one) => ({ ...one, ReadOnly: false })),
    },
  }),
};
