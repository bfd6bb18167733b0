import { newId } from "@background-agents/shared/ids";
import { expect, test } from "vitest";
import {
  assertSandbox,
  findSandboxDifferences,
  type ExpectedContainer,
  type InspectedContainer,
} from "./assert-sandbox.ts";
import { buildContainerProfile } from "./container-profile.ts";

const profile = buildContainerProfile({
  order: {
    ...{ sessionId: newId("session"), boot: newId("boot"), image: "image", env: { HTTPS_PROXY: "http://127.0.0.1:1" } },
    mirrorPath: "/home/ada/data/mirrors/r.git",
    hubDirectory: "/home/ada/data/run/x",
    hubAddress: "unix:/run/hub/hub.sock",
    resources: { memoryBytes: 1024, cpus: 1.5, runtime: null },
    mountsCredentials: false,
  },
  instance: "0123456789",
  limits: { memoryBytes: 1024, cpus: 1.5, runtime: "runc", limitsSwap: true, callFilter: [] },
  volumes: { workspace: "w", state: "s" },
  network: "none",
});
const expected: ExpectedContainer = {
  profile,
  image: {
    id: "sha256:1",
    env: ["PATH=/usr/bin", "HOME=/nowhere"],
    entrypoint: ["node", "/supervisor.mjs"],
    cmd: null,
  },
};

/** As Engine 20.10 describes a container that it made of the profile, with what it fills in by itself. */
function inspected(): InspectedContainer {
  const neutral = {
    ...{ Binds: null, ContainerIDFile: "", PortBindings: null, AutoRemove: false, VolumeDriver: "", VolumesFrom: null },
    ...{ CapAdd: null, Dns: null, DnsOptions: null, DnsSearch: null, GroupAdd: null, Cgroup: "", Links: null },
    ...{ PidMode: "", Privileged: false, PublishAllPorts: false, UTSMode: "", UsernsMode: "", ConsoleSize: [0, 0] },
    ...{ Isolation: "", CgroupParent: "", BlkioWeight: 0, CpuPeriod: 0, CpuQuota: 0, CpusetCpus: "", Devices: null },
    ...{ DeviceCgroupRules: null, DeviceRequests: null, MemoryReservation: 0, MemorySwappiness: null, CpuCount: 0 },
    ...{ OomKillDisable: false, BlkioDeviceReadBps: [], ExtraHosts: null },
  };
  const mounts = profile.HostConfig.Mounts.map((mount) => ({
    ...{ Type: mount.Type, Destination: mount.Target, RW: !("ReadOnly" in mount) },
    ...(mount.Type === "volume"
      ? { Name: mount.Source, Source: `/var/lib/docker/volumes/${mount.Source}/_data`, Driver: "local", Mode: "z" }
      : { Source: mount.Source, Mode: "", Propagation: "rprivate" }),
  }));
  return structuredClone({
    Image: "sha256:1",
    AppArmorProfile: "docker-default",
    Config: {
      ...{ Hostname: "f124", User: profile.User, Image: "image", Volumes: null, WorkingDir: "/workspace" },
      ...{ Env: [...profile.Env, "PATH=/usr/bin"], Entrypoint: ["node", "/supervisor.mjs"], Cmd: null },
      Labels: { ...profile.Labels, "from.the.image": "1" },
    },
    HostConfig: {
      ...neutral,
      ...profile.HostConfig,
      RestartPolicy: { Name: "no", MaximumRetryCount: 0 },
      MaskedPaths: [
        ...["/proc/asound", "/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list"],
        ...["/proc/timer_stats", "/proc/sched_debug", "/proc/scsi", "/sys/firmware"],
      ],
      ReadonlyPaths: ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"],
    },
    Mounts: mounts,
    NetworkSettings: { Ports: {}, Networks: { none: { NetworkID: "9ae3" } } },
  });
}

test("what the engine makes of the profile is what was asked for", () => {
  expect(findSandboxDifferences(inspected(), expected)).toEqual([]);
  const desktop = inspected();
  for (const mount of desktop.Mounts)
    if (mount["Type"] === "bind") mount["Source"] = `/host_mnt${String(mount["Source"])}`;
  expect(findSandboxDifferences(desktop, expected)).toEqual([]);
});

const HOST_CONFIG: [string, unknown][] = [
  ["Binds", ["/var/run/docker.sock:/var/run/docker.sock"]],
  ["Binds", ["/home/ada:/workspace/home:ro"]],
  ["VolumesFrom", ["another"]],
  ["CapAdd", ["SYS_ADMIN"]],
  ["CapDrop", null],
  ["CapDrop", ["NET_RAW"]],
  ["Privileged", true],
  ["SecurityOpt", null],
  ["SecurityOpt", ["no-new-privileges:true", "seccomp=unconfined"]],
  ["SecurityOpt", ["no-new-privileges:true", "apparmor=unconfined"]],
  ["SecurityOpt", ["no-new-privileges:false"]],
  ["ReadonlyRootfs", false],
  ["Memory", 0],
  ["Memory", 4096],
  ["MemorySwap", -1],
  ["NanoCpus", 0],
  ["CpuQuota", 400_000],
  ["CpusetCpus", "0-7"],
  ["PidsLimit", -1],
  ["PidsLimit", null],
  ["Ulimits", null],
  ["Ulimits", [{ Name: "nofile", Soft: 8192, Hard: 1_048_576 }]],
  ["OomKillDisable", true],
  ["OomScoreAdj", -500],
  ["ShmSize", 1],
  ["NetworkMode", "host"],
  ["NetworkMode", "container:another"],
  ["PidMode", "host"],
  ["IpcMode", "host"],
  ["IpcMode", "shareable"],
  ["UTSMode", "host"],
  ["UsernsMode", "host"],
  ["CgroupnsMode", "host"],
  ["CgroupParent", "/"],
  ["Cgroup", "host"],
  ["Devices", [{ PathOnHost: "/dev/kvm", PathInContainer: "/dev/kvm", CgroupPermissions: "rwm" }]],
  ["DeviceCgroupRules", ["a *:* rwm"]],
  ["DeviceRequests", [{ Driver: "nvidia", Count: -1 }]],
  ["Links", ["/another:/another"]],
  ["PortBindings", { "80/tcp": [{ HostPort: "80" }] }],
  ["PublishAllPorts", true],
  ["GroupAdd", ["docker"]],
  ["ExtraHosts", ["registry.npmjs.org:10.0.0.1"]],
  ["Dns", ["10.0.0.1"]],
  ["Sysctls", { "net.ipv4.ip_forward": "1" }],
  ["Tmpfs", { "/tmp": "rw,suid,dev,exec" }],
  ["Runtime", "crun"],
  ["Init", false],
  ["MaskedPaths", []],
  ["MaskedPaths", null],
  ["ReadonlyPaths", []],
  ["RestartPolicy", { Name: "always" }],
  ["LogConfig", { Type: "syslog", Config: { "syslog-address": "tcp://10.0.0.1" } }],
  ["StorageOpt", { size: "1t" }],
  ["SomethingOfANewerEngine", "yes"],
  [
    "Mounts",
    [...profile.HostConfig.Mounts, { Type: "bind", Source: "/home/ada/.ssh", Target: "/ssh", ReadOnly: true }],
  ],
  ["Mounts", profile.HostConfig.Mounts.map(({ Type, Source, Target }) => ({ Type, Source, Target }))],
];

test.each(HOST_CONFIG)("HostConfig.%s as %j is found", (field, value) => {
  const found = inspected();
  found.HostConfig[field] = value;
  expect(findSandboxDifferences(found, expected)).not.toEqual([]);
});

const OTHERS: [string, (found: InspectedContainer) => unknown][] = [
  ["another image", (found) => (found.Image = "sha256:2")],
  ["AppArmor off", (found) => (found.AppArmorProfile = "unconfined")],
  ["root", (found) => (found.Config["User"] = "0:0")],
  ["the image's user", (found) => (found.Config["User"] = "")],
  ["another program", (found) => (found.Config["Entrypoint"] = ["sh"])],
  ["further arguments", (found) => (found.Config["Cmd"] = ["--inspect=0.0.0.0"])],
  ["an anonymous volume", (found) => (found.Config["Volumes"] = { "/data": {} })],
  ["a secret in the environment", (found) => (found.Config["Env"] as string[]).push("ANTHROPIC_API_KEY=sk-ant-1")],
  ["another hub", (found) => (found.Config["Env"] = ["BACKGROUND_AGENTS_HUB=tcp:10.0.0.1:1", ...profile.Env.slice(2)])],
  [
    "another session's label",
    (found) => (found.Config["Labels"] = { ...profile.Labels, "background-agents.session": "x" }),
  ],
  ["a second network", (found) => (found.NetworkSettings["Networks"] = { none: {}, bridge: {} })],
  ["another network", (found) => (found.NetworkSettings["Networks"] = { bridge: {} })],
  ["no network at all", (found) => (found.NetworkSettings["Networks"] = {})],
  [
    "a published port",
    (found) => (found.NetworkSettings["Ports"] = { "80/tcp": [{ HostIp: "0.0.0.0", HostPort: "80" }] }),
  ],
  ["a writable mirror", (found) => Object.assign(found.Mounts[2] ?? {}, { RW: true })],
  ["another mirror", (found) => Object.assign(found.Mounts[2] ?? {}, { Source: "/home/ada" })],
  ["another volume", (found) => Object.assign(found.Mounts[0] ?? {}, { Name: "another" })],
  ["a directory in place of a volume", (found) => Object.assign(found.Mounts[0] ?? {}, { Type: "bind", Source: "w" })],
  [
    "the engine's socket",
    (found) =>
      found.Mounts.push({ Type: "bind", Source: "/run/docker.sock", Destination: "/run/docker.sock", RW: false }),
  ],
  ["two mounts in one place", (found) => found.Mounts.push(structuredClone(found.Mounts[1] ?? {}))],
  ["a mount that is missing", (found) => found.Mounts.pop()],
];

test.each(OTHERS)("%s is found", (_name, tamper) => {
  const found = inspected();
  tamper(found);
  expect(findSandboxDifferences(found, expected)).not.toEqual([]);
  expect(() => assertSandbox(found, expected)).toThrow(expect.objectContaining({ code: "sandbox.unsafe" }));
});

test("what differs is told without the values of the environment", () => {
  const found = inspected();
  (found.Config["Env"] as string[]).push("ANTHROPIC_API_KEY=sk-ant-1");
  expect(findSandboxDifferences(found, expected)).toEqual(["Config.Env has another ANTHROPIC_API_KEY"]);
});
