import type { ContainerProfile } from "../src/sandboxes/container-profile.ts";
import type { FieldWeakness, Weakness } from "./sandbox-world.ts";

/** The guards that controls are without. Each needs all of it gone that would stop the same attack in its place. */

type HostConfig = ContainerProfile["HostConfig"] & Record<string, unknown>;

/** What else is gone so that a control gets through. */
interface Beside {
  User?: string;
  host?: Record<string, unknown>;
}

/** A root that may do what root may: nobody else could use what was opened. */
const AS_ROOT: Beside = { User: "0:0", host: { CapDrop: [] } };

function change(name: string, host: Record<string, unknown>, beside: Beside = {}): FieldWeakness {
  return {
    name,
    fields: Object.keys(host),
    weaken: (profile) => ({
      ...profile,
      User: beside.User ?? profile.User,
      HostConfig: { ...profile.HostConfig, ...beside.host, ...host },
    }),
  };
}

function mount(name: string, sourceOf: (places: Parameters<Weakness["weaken"]>[1]) => [string, string]): FieldWeakness {
  return {
    name,
    fields: ["Mounts"],
    weaken(profile, places) {
      const [Source, Target] = sourceOf(places);
      const Type = Source.startsWith("/") ? ("bind" as const) : ("volume" as const);
      const Mounts = [...profile.HostConfig.Mounts, { Type, Source, Target, ReadOnly: true }] as HostConfig["Mounts"];
      return change(name, { Mounts }, AS_ROOT).weaken(profile, places);
    },
  };
}

const UNCONFINED = ["seccomp=unconfined", "apparmor=unconfined"];

export const SYSTEM_ADMIN = change(
  "with the capability to administrate",
  { CapAdd: ["SYS_ADMIN"] },
  { ...AS_ROOT, host: { CapDrop: [], SecurityOpt: UNCONFINED } },
);
export const DEFAULT_CAPABILITIES = change("with the engine's usual capabilities", { CapDrop: [] }, AS_ROOT);
export const NEW_PRIVILEGES = change("without no-new-privileges", { SecurityOpt: [] });
export const NO_SECCOMP = change("without a filter of system calls", {
  SecurityOpt: ["no-new-privileges:true", ...UNCONFINED],
});
export const WRITABLE_ROOT = change("with a root that can be written", { ReadonlyRootfs: false }, AS_ROOT);
export const PRIVILEGED = change("as privileged", { Privileged: true }, AS_ROOT);
export const WRITABLE_KERNEL = change(
  "with the kernel's settings open",
  { ReadonlyPaths: [], MaskedPaths: [] },
  AS_ROOT,
);
export const HOST_PROCESSES = change("among the host's processes", { PidMode: "host" });
export const HOST_IPC = change(
  "with the host's shared memory",
  { IpcMode: "host" },
  { ...AS_ROOT, host: { CapDrop: [], ShmSize: 0 } },
);
export const MORE_PROCESSES = change("without a limit of processes", { PidsLimit: 4096 });
export const BRIDGE = change("with a network", { NetworkMode: "bridge" });
export const HOST_NETWORK = change("with the host's network", { NetworkMode: "host" });

export const SOCKET_MOUNT = mount("with the engine's socket", () => ["/var/run/docker.sock", "/var/run/docker.sock"]);
export const HOME_MOUNT = mount("with the user's home", ({ home }) => [home, home]);
export const DATA_DIR_MOUNT = mount("with the data directory", ({ dataDir }) => [dataDir, dataDir]);
export const SIBLING_MOUNT = mount("with another session's files", ({ siblingVolume }) => [siblingVolume, "/mnt"]);

export const WRITABLE_MOUNTS: FieldWeakness = {
  name: "with mounts that can be written",
  fields: ["Mounts"],
  weaken(profile, places) {
    const Mounts = profile.HostConfig.Mounts.map((one) => ({ ...one, ReadOnly: false }));
    return change("", { Mounts }, AS_ROOT).weaken(profile, places);
  },
};
