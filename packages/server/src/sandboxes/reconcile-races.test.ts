import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newId, type BootId } from "@background-agents/shared/ids";
import type { SandboxSpec } from "@background-agents/shared/protocol/supervisor-frames";
import { pino } from "pino";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openDatabase, type Database } from "../db/database.ts";
import { systemClock } from "../lib/clock.ts";
import { createFakeProvider } from "../testing/fake-provider.ts";
import { createBootStore } from "./boot-store.ts";
import { createHubDirectories } from "./hub-directory.ts";
import { reconcile } from "./reconcile.ts";
import type { SandboxEnd } from "./sandbox-callbacks.ts";
import { createSandboxManager } from "./sandbox-manager.ts";
import type { SandboxInstance, SandboxProvider } from "./sandbox-provider.ts";

const log = pino({ level: "silent" });
const sessionId = newId("session");
const SPEC: SandboxSpec = {
  ...{ sessionId, title: "T", directory: "example", baseBranch: "main", baseCommit: "a".repeat(40) },
  ...{ branch: "agents/t", identity: { name: "Ada", email: "ada@example.org" }, opencodeConfig: {} },
  limits: { checkpointBytes: 1, openOutputBytes: 1, settledOutputBytes: 1 },
  ...{ llmRelayPort: 1, egressRelayPort: 2 },
};

let directory: string;
let db: Database;
/** As the row has it. */
let boot: BootId | undefined;
let ends: SandboxEnd[];
/** Lets the engine answer what it saw when it was asked. */
let answer: () => void;
let containers: Map<string, SandboxInstance>;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "reconcile-"));
  db = openDatabase(join(directory, "data.db"));
  [boot, ends, containers] = [undefined, [], new Map()];
});
afterEach(() => {
  db.close();
  rmSync(directory, { recursive: true });
});

function open() {
  const held = new Promise<void>((resolve) => (answer = resolve));
  let made = 0;
  const provider: SandboxProvider = {
    ...createFakeProvider({ onTurn: async () => undefined }),
    async start(order) {
      made += 1;
      const state = { running: true, exitCode: null, outOfMemory: false, differences: [] };
      containers.set(`container-${made}`, { handle: `container-${made}`, ...order, ...state });
      return `container-${made}`;
    },
    async stop() {},
    async remove(handle) {
      containers.delete(handle);
    },
    async list() {
      const seen = [...containers.values()];
      await held;
      return seen;
    },
  };
  const never = (): never => {
    throw new Error("nothing of that kind happens here");
  };
  const manager = createSandboxManager({
    ...{ provider, image: "sandbox", env: {}, clock: systemClock, log },
    ...{ connectTimeoutMs: 60_000, silenceMs: 60_000 },
    boots: createBootStore({ db }),
    directories: createHubDirectories({ dataDir: directory, instance: "0123456789" }),
    readTerms: () => ({
      resources: { memoryBytes: 1, cpus: 1, runtime: null },
      packages: [],
      mountsCredentials: false,
    }),
    callbacks: {
      onCreating: (_id, made) => (boot = made),
      onEnd: (_id, end) => void ends.push(end),
      lastReport: () => 0,
      ...{ onAdopted: never, onConnected: never, onReport: never, onTransient: never, onBundle: never },
      ...{ onLive: never, onConversation: never, onRestore: never, onBlob: never, onSecrets: never },
      ...{ onModelRequest: never, onAgentGit: never, onEgress: never, onPreview: never },
    },
  });
  const run = () =>
    reconcile({
      ...{ provider, manager, log },
      listExpected: () => (boot ? [{ sessionId, boot, creating: true, spec: async () => SPEC }] : []),
      onEnd: (_id, end) => void ends.push(end),
    });
  return { manager, run };
}
const order = { sessionId, spec: SPEC, mirrorPath: "/mirror" };

test("the session's next container is left alone where the one before ended while the engine listed", async () => {
  const { manager, run } = open();
  await manager.start(order);
  const first = boot;
  const running = run();
  await manager.stop(sessionId, "the setup script has ended");
  await manager.start(order);
  answer();
  await running;
  expect(ends).toMatchObject([{ boot: first, expected: true }]);
  expect(manager.listRunning()).toEqual([{ sessionId, boot }]);
  expect([...containers.keys()]).toEqual(["container-2"]);
  await manager.detach();
});

test("one that is made while the engine lists is left alone", async () => {
  const { manager, run } = open();
  const running = run();
  await manager.start(order);
  answer();
  await running;
  expect(ends).toEqual([]);
  expect(manager.listRunning()).toEqual([{ sessionId, boot }]);
  await manager.detach();
});

test("one that is gone is told", async () => {
  const { manager, run } = open();
  await manager.start(order);
  containers.clear();
  answer();
  await run();
  expect(ends[0]).toMatchObject({ boot, expected: false, reason: "the container was removed" });
  expect(manager.listRunning()).toEqual([]);
});
