import Docker from "dockerode";
import { pino } from "pino";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { systemClock } from "../lib/clock.ts";
import { startStandInEngine } from "../testing/stand-in-engine.ts";
import { LABELS } from "./container-profile.ts";
import { DERIVED_LABEL } from "./derived-image.ts";
import { createDockerProvider } from "./docker-provider.ts";
import { createHelperContainers } from "./helper-containers.ts";

let engine: Awaited<ReturnType<typeof startStandInEngine>>;
beforeEach(async () => {
  engine = await startStandInEngine();
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await engine.close();
});

const open = () =>
  createHelperContainers({
    ...{ docker: new Docker({ socketPath: engine.socketPath }), instance: "test" },
    askForCallFilter: async () => ["seccomp=builtin"],
  });
const left = () => [...engine.containers.keys()];

/** A helper that has begun. */
async function begin(helpers: ReturnType<typeof open>) {
  const awaited = engine.nextAwaited();
  const ended = helpers.run({ Image: "image", HostConfig: { SecurityOpt: ["no-new-privileges:true"] } });
  // Of a server that is said to have ended nobody hears the outcome.
  ended.catch(() => undefined);
  return { name: await awaited, ended };
}

it("removes what a server that ended has left behind, and nothing else", async () => {
  const gone = open();
  const { name } = await begin(gone);
  const others = {
    "other's": { [LABELS.instance]: "other", [LABELS.helper]: "x" },
    sandbox: { [LABELS.instance]: "test", [LABELS.session]: "x", [LABELS.boot]: "x" },
    relay: { [LABELS.instance]: "test", [LABELS.relay]: "x" },
    building: { [LABELS.instance]: "test", [DERIVED_LABEL]: "x" },
  };
  for (const [other, labels] of Object.entries(others)) engine.containers.set(other, { labels });
  await gone.sweep();
  expect(left()).toEqual([name, ...Object.keys(others)]);
  await open().sweep();
  expect(left()).toEqual(Object.keys(others));
});

it("removes at its first look what a server left that had no label for helpers, and later nothing of the kind", async () => {
  const helpers = open();
  const unmarked = { labels: { [LABELS.instance]: "test" } };
  engine.containers.set("old-helper", unmarked);
  engine.containers.set("other's", { labels: { [LABELS.instance]: "other" } });
  await helpers.sweep();
  expect(left()).toEqual(["other's"]);
  engine.containers.set("somebody's", unmarked);
  await helpers.sweep();
  expect(left()).toEqual(["other's", "somebody's"]);
});

it("leaves nothing of its own when it is done", async () => {
  const helpers = open();
  const { name, ended } = await begin(helpers);
  await helpers.sweep();
  expect(left()).toHaveLength(1);
  expect(engine.containers.get(name)?.securityOpt).toEqual(["no-new-privileges:true", "seccomp=builtin"]);
  engine.end(name);
  expect(await ended).toEqual({ exitCode: 0, output: "" });
  expect(left()).toEqual([]);
});

it("removes later what could not be removed when it was done", async () => {
  const helpers = open();
  const { name, ended } = await begin(helpers);
  const labels = engine.containers.get(name)?.labels ?? {};
  engine.end(name);
  await ended;
  engine.containers.set(name, { labels });
  await helpers.sweep();
  expect(left()).toEqual([]);
});

it("happens with each comparison, the first one when a server begins", async () => {
  await begin(open());
  vi.stubEnv("DOCKER_HOST", `unix://${engine.socketPath}`);
  const provider = createDockerProvider({
    ...{
      instance: "test",
      dataDir: "",
      hub: "unix",
      image: "none",
      clock: systemClock,
      log: pino({ level: "silent" }),
    },
    owners: { ensure: () => Promise.resolve(), forget: () => undefined },
    profiles: { save: () => undefined, find: () => undefined, remove: () => undefined, removeUnknown: () => undefined },
    findCredentials: () => {
      throw new Error("nothing is started here");
    },
  });
  expect(await provider.list()).toEqual([]);
  expect(left()).toEqual([]);
});
