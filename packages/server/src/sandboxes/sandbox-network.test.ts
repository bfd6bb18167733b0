import { newId } from "@background-agents/shared/ids";
import Docker from "dockerode";
import { pino } from "pino";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { systemClock } from "../lib/clock.ts";
import { startStandInEngine } from "../testing/stand-in-engine.ts";
import { LABELS } from "./container-profile.ts";
import { createDockerProvider } from "./docker-provider.ts";
import { createSandboxNetworks } from "./sandbox-network.ts";

let engine: Awaited<ReturnType<typeof startStandInEngine>>;
let networks: ReturnType<typeof createSandboxNetworks>;
beforeEach(async () => {
  engine = await startStandInEngine();
  const docker = new Docker({ socketPath: engine.socketPath });
  const askForCallFilter = async () => ["seccomp=builtin"];
  networks = createSandboxNetworks({ docker, instance: "test", image: "none", askForCallFilter });
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await engine.close();
});

const open = async () => {
  const boot = newId("boot");
  await networks.open({ sessionId: newId("session"), boot, port: 4000 });
  return boot;
};
const left = () => [engine.networks.size, engine.containers.size];

it("sweeps the network and the relay of a boot whose container is gone, and no other", async () => {
  const [gone, there, opening] = [await open(), await open(), await open()];
  networks.settle(gone);
  networks.settle(there);
  expect(left()).toEqual([3, 3]);
  await (
    await networks.beginSweep()
  )(new Set([there]));
  expect(left()).toEqual([2, 2]);
  expect([...engine.networks.keys()].join(" ")).not.toContain(gone.slice(4));
  // The server that was about to make its container ended.
  networks.settle(opening);
  await (
    await networks.beginSweep()
  )(new Set([there]));
  expect(left()).toEqual([1, 1]);
});

it("asks for what filters the relay's system calls", async () => {
  await open();
  expect([...engine.containers.values()]).toMatchObject([
    { securityOpt: ["no-new-privileges:true", "seccomp=builtin"] },
  ]);
});

it("leaves a boot that got its container while containers were listed", async () => {
  const opening = await open();
  const sweep = await networks.beginSweep();
  const later = await open();
  networks.settle(opening);
  networks.settle(later);
  await sweep(new Set());
  expect(left()).toEqual([2, 2]);
});

it("lists networks before containers, so that a boot made in between keeps its own", async () => {
  vi.stubEnv("DOCKER_HOST", `unix://${engine.socketPath}`);
  const provider = createDockerProvider({
    ...{ instance: "test", dataDir: "", hub: "tcp", image: "none", clock: systemClock, log: pino({ level: "silent" }) },
    owners: { ensure: () => Promise.resolve(), forget: () => undefined },
    profiles: { save: () => undefined, find: () => undefined, remove: () => undefined, removeUnknown: () => undefined },
    findCredentials: () => {
      throw new Error("nothing is started here");
    },
  });
  await open();
  const labels = { [LABELS.instance]: "test", [LABELS.relay]: newId("boot") };
  engine.whenListed((kind) => {
    if (kind !== "containers" || engine.networks.has("new")) return;
    engine.networks.set("new", { labels });
    engine.containers.set("new-relay", { labels });
  });
  expect(await provider.list()).toEqual([]);
  expect([...engine.networks.keys(), ...engine.containers.keys()]).toEqual(["new", "new-relay"]);
});
