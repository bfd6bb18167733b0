import { expect, test } from "vitest";
import { newId } from "@background-agents/shared/ids";
import { buildContainerProfile, type ProfileInput } from "./container-profile.ts";

const input: ProfileInput = {
  order: {
    sessionId: newId("session"),
    boot: newId("boot"),
    image: "image",
    mirrorPath: "/data/mirrors/r.git",
    hubDirectory: "/data/run/x",
    hubAddress: "unix:/run/hub/hub.sock",
    env: { HTTPS_PROXY: "http://127.0.0.1:1" },
    resources: { memoryBytes: 1024, cpus: 1.5, runtime: null },
    mountsCredentials: false,
  },
  instance: "0123456789",
  limits: { memoryBytes: 1024, cpus: 1.5, runtime: "runc", limitsSwap: true, callFilter: [] },
  volumes: { workspace: "w", state: "s" },
  network: "none",
};
const profile = buildContainerProfile(input);

test("nothing but the two volumes, the mirror and the hub is mounted, the last two read-only", () => {
  expect(profile.HostConfig).not.toHaveProperty("Binds");
  expect(profile.HostConfig.Mounts).toEqual([
    { Type: "volume", Source: "w", Target: "/workspace" },
    { Type: "volume", Source: "s", Target: "/state" },
    { Type: "bind", Source: "/data/mirrors/r.git", Target: "/mirror.git", ReadOnly: true },
    { Type: "bind", Source: "/data/run/x", Target: "/run/hub", ReadOnly: true },
  ]);
});

test("no network, no capability, no root, nothing to become root with", () => {
  expect(profile.User).toBe("10001:10001");
  expect(profile.HostConfig).toMatchObject({
    NetworkMode: "none",
    ReadonlyRootfs: true,
    CapDrop: ["ALL"],
    SecurityOpt: ["no-new-privileges:true"],
    PidsLimit: 512,
    Memory: 1024,
    MemorySwap: 1024,
    NanoCpus: 1_500_000_000,
  });
});

test("where the engine filters system calls only for who asks, the profile asks, and is the same otherwise", () => {
  const { HostConfig } = buildContainerProfile({
    ...{ ...input, limits: { ...input.limits, callFilter: ["seccomp=builtin"] } },
  });
  const SecurityOpt = ["no-new-privileges:true", "seccomp=builtin"];
  expect(HostConfig).toEqual({ ...profile.HostConfig, SecurityOpt });
});

test("the environment names no key and no token", () => {
  expect(profile.Env.filter((line) => /KEY|TOKEN|SECRET|PASSWORD/i.test(line))).toEqual([]);
  expect(profile.Env).toContain("BACKGROUND_AGENTS_HUB=unix:/run/hub/hub.sock");
});

test("with the user's own credentials: their user id, their files read-only at its home, and nothing else", () => {
  const user = "1000:1000";
  const mounts = [{ source: "/home/ada/.ssh", target: "/state/home/.ssh" }];
  const credentials = { user, mounts, env: { GH_CONFIG_DIR: "/gh" }, passwdPath: "/data/run/x/passwd" };
  const mounted = buildContainerProfile({ ...input, credentials });
  expect(mounted.User).toBe(user);
  expect(mounted.HostConfig.Mounts).toEqual([
    expect.objectContaining({
      Source: "w",
      Target: "/workspace",
      VolumeOptions: expect.objectContaining({ NoCopy: true }),
    }),
    expect.objectContaining({
      Source: "s",
      Target: "/state",
      VolumeOptions: expect.objectContaining({ NoCopy: true }),
    }),
    ...profile.HostConfig.Mounts.slice(2),
    { Type: "bind", Source: "/data/run/x/passwd", Target: "/etc/passwd", ReadOnly: true },
    { Type: "bind", Source: "/home/ada/.ssh", Target: "/state/home/.ssh", ReadOnly: true },
  ]);
  expect({ ...mounted.HostConfig, Mounts: [] }).toEqual({ ...profile.HostConfig, Mounts: [] });
  expect(mounted.Env).toEqual([...profile.Env, "GH_CONFIG_DIR=/gh"]);
});
