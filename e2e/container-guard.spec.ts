import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { newId, type SessionId } from "@background-agents/shared/ids";
import { pino } from "pino";
import { createDockerProvider } from "../packages/server/src/sandboxes/docker-provider.ts";
import { createHubDirectories } from "../packages/server/src/sandboxes/hub-directory.ts";
import { createProfileBook } from "../packages/server/src/sandboxes/profile-book.ts";
import type { SandboxProvider } from "../packages/server/src/sandboxes/sandbox-provider.ts";
import { createVolumeOwners } from "../packages/server/src/sandboxes/volume-owners.ts";

/** The provider alone on the real engine: what it makes, what it notices, what it counts and builds. */

const image = process.env["SANDBOX_IMAGE"] ?? "background-agents-sandbox";
const instance = newId("boot").slice(-10);
const docker = (...args: string[]): string => execFileSync("docker", args, { encoding: "utf8" }).trim();

let dataDir: string;
let provider: SandboxProvider;
const sessions: SessionId[] = [];

function open(): SandboxProvider {
  return createDockerProvider({
    ...{ instance, dataDir, image },
    hub: "auto",
    owners: createVolumeOwners({ dataDir, defaultUser: "10001:10001" }),
    profiles: createProfileBook({ dataDir }),
    findCredentials: () => ({ user: "10001:10001", mounts: [], env: {} }),
    clock: { now: () => new Date() },
    log: pino({ level: "silent" }),
  });
}

async function start({
  from = image,
  runtime = null,
  hubAddress = "unix:/run/hub/hub.sock",
}: { from?: string; runtime?: string | null; hubAddress?: string } = {}): Promise<{
  sessionId: SessionId;
  handle: string;
}> {
  const [sessionId, boot] = [newId("session"), newId("boot")];
  sessions.push(sessionId);
  const mirrorPath = join(dataDir, "mirror.git");
  mkdirSync(mirrorPath, { recursive: true });
  const { path: hubDirectory } = createHubDirectories({ dataDir, instance }).create(boot);
  const resources = { memoryBytes: 512 * 2 ** 20, cpus: 1, runtime };
  const handle = await provider.start({
    ...{ sessionId, boot, mirrorPath, hubDirectory, resources },
    image: from,
    hubAddress,
    env: {},
    mountsCredentials: false,
  });
  return { sessionId, handle };
}

const differencesOf = async (sessionId: SessionId): Promise<string[] | undefined> =>
  (await provider.list()).find((found) => found.sessionId === sessionId)?.differences;

test.beforeAll(() => {
  dataDir = mkdtempSync(join(tmpdir(), "ba-guard-"));
  provider = open();
});

test.afterAll(async () => {
  for (const { handle } of await provider.list()) await provider.remove(handle);
  for (const sessionId of sessions) await provider.removeVolumes(sessionId);
  await provider.removeUnusedImages(new Date(Date.now() + 1000));
  rmSync(dataDir, { recursive: true, force: true });
});

test("a container that was changed by hand is noticed, also by a server that only found it", async () => {
  const updated = await start();
  const connected = await start();
  expect(await differencesOf(updated.sessionId)).toEqual([]);
  expect(await differencesOf(connected.sessionId)).toEqual([]);

  docker("update", "--pids-limit", "4096", "--memory", "1g", "--memory-swap", "1g", updated.handle);
  docker("network", "disconnect", "none", connected.handle);
  docker("network", "connect", "bridge", connected.handle);
  provider = open();
  expect(await differencesOf(updated.sessionId)).toEqual([
    "HostConfig.Memory is 1073741824, not 536870912",
    "HostConfig.MemorySwap is 1073741824, not 536870912",
    "HostConfig.PidsLimit is 4096, not 512",
  ]);
  expect(await differencesOf(connected.sessionId)).toEqual(["it is on the networks bridge, not on none"]);
});

test("what a session's volumes hold is counted from outside, closed directories too", async () => {
  const { sessionId, handle } = await start();
  const empty = (await provider.measureVolumes([sessionId])).get(sessionId);
  const script =
    "mkdir /workspace/closed && head -c 30000000 /dev/urandom >/workspace/closed/big && chmod 0 /workspace/closed";
  docker("exec", handle, "sh", "-c", `${script}; touch /state/one /state/two`);
  const filled = (await provider.measureVolumes([sessionId])).get(sessionId);
  expect((filled?.bytes ?? 0) - (empty?.bytes ?? 0)).toBeGreaterThan(29_000_000);
  expect((filled?.inodes ?? 0) - (empty?.inodes ?? 0)).toBeGreaterThanOrEqual(4);
});

test("a repository's packages are in its image, which is built once; apt's own words say why not", async () => {
  const lines: string[] = [];
  const order = { base: image, onLine: (line: string) => void lines.push(line) };
  const derived = await provider.deriveImage({ ...order, packages: ["hello"] });
  expect(lines.join("\n")).toContain("Setting up hello");
  const { sessionId, handle } = await start({ from: derived });
  expect(docker("exec", handle, "hello")).toContain("Hello, world!");
  expect(docker("exec", handle, "id", "-u")).toBe("10001");
  expect(await differencesOf(sessionId)).toEqual([]);

  const before = lines.length;
  expect(await provider.deriveImage({ ...order, packages: ["hello"] })).toBe(derived);
  expect(lines.length).toBe(before);

  await expect(provider.deriveImage({ ...order, packages: ["no-such-package-at-all"] })).rejects.toMatchObject({
    code: "image.build-failed",
    message: expect.stringContaining("Unable to locate package no-such-package-at-all"),
  });
  expect(await provider.removeUnusedImages(new Date(0))).toBe(0);
});

test("over TCP a boot's network and relay go with its container, and those of one that went otherwise with the next look", async () => {
  const filter = `label=background-agents.instance=${instance}`;
  const networks = (): string[] => docker("network", "ls", "--quiet", "--filter", filter).split("\n").filter(Boolean);
  const relays = (): string[] =>
    docker("ps", "--all", "--quiet", "--filter", filter, "--filter", "label=background-agents.relay")
      .split("\n")
      .filter(Boolean);
  const { listenHost, dialHost } = await provider.hubEndpoint();
  expect(listenHost).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
  const first = await start({ hubAddress: `tcp:${dialHost}:5001` });
  const second = await start({ hubAddress: `tcp:${dialHost}:5002` });
  expect(await differencesOf(first.sessionId)).toEqual([]);
  expect(networks()).toHaveLength(2);
  expect(relays()).toHaveLength(2);

  await provider.remove(first.handle);
  expect(networks()).toHaveLength(1);
  docker("rm", "--force", second.handle);
  provider = open();
  await provider.list();
  expect(networks()).toEqual([]);
  expect(relays()).toEqual([]);
});

test("under gVisor the sandbox has a kernel of its own; an engine without it says so and starts nothing", async () => {
  const runtimes = JSON.parse(docker("info", "--format", "{{json .Runtimes}}")) as Record<string, unknown>;
  const before = (await provider.list()).length;
  if (runtimes["runsc"] === undefined) {
    await expect(start({ runtime: "runsc" })).rejects.toThrow(/has no container runtime "runsc".*docs\/gvisor\.md/);
    expect((await provider.list()).length).toBe(before);
    return;
  }
  const { sessionId, handle } = await start({ runtime: "runsc" });
  expect(docker("exec", handle, "dmesg")).toContain("gVisor");
  expect(await differencesOf(sessionId)).toEqual([]);
});
