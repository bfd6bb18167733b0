import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { newId, type SessionId } from "@background-agents/shared/ids";
import SQLite from "better-sqlite3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundleServer } from "./bundle-server.ts";
import { check, INVARIANT_NAMES, type InvariantName } from "./checker.ts";
import type { Evidence } from "./evidence.ts";
import { createFaultWorld, type FaultWorld } from "./fault-world.ts";
import { createRandom } from "./random.ts";
import { git } from "./workspace-git.ts";

/** Each invariant must be able to fail: real evidence of a good run, spoilt in one way at a time. */
let world: FaultWorld;
let sessionId: SessionId;
let good: Evidence;

beforeAll(async () => {
  const bundle = await bundleServer("checker-test-server.mjs");
  world = await createFaultWorld({ bundle, random: createRandom(7), onKill: () => undefined });
  await world.start();
  sessionId = await world.createSession({ label: "first", plan: { parts: 20, paceMs: 20, asks: "permission" } });
  await world.until(() => world.clients[0]?.record.session?.status === "waiting");
  const steering = newId("prompt");
  await world.call("POST", `/api/sessions/${sessionId}/prompts`, { id: steering, text: "steers", mode: "steer" });
  await world.until(() => world.ledger.runs[0]?.steered.length === 1);
  await world.call("POST", `/api/sessions/${sessionId}/permissions/${askedOf(world.ledger).id}`, { reply: "once" });
  await world.send(sessionId, "second");
  await world.settle();
  good = await world.collect();
});
afterAll(() => world.close());

function failing(evidence: Evidence): InvariantName[] {
  const verdict = check(evidence);
  return INVARIANT_NAMES.filter((name) => verdict[name].length > 0);
}

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("the evidence lacks what is to be spoilt");
  return value;
}

const eventsOf = (evidence: Evidence) => present(evidence.database.events[sessionId]);
const client = (evidence: Evidence) => present(evidence.clients[0]);

test("a good run violates nothing, and the evidence of it is not empty", () => {
  expect(world.surprises).toEqual([]);
  expect(failing(good)).toEqual([]);
  expect(good.database.prompts.map(({ status }) => status)).toEqual(["completed", "steered", "completed"]);
  expect(good.ledger.runs.map(({ parts }) => parts.length)).toEqual([20, 4]);
  expect(askedOf(good.ledger).heard).toBe("once");
  expect(Object.keys(good.host.kept)).toHaveLength(2);
  expect(client(good).events.length).toBeGreaterThan(20);
  expect(Object.values(good.user.branches)).toHaveLength(1);
});

const SPOILT: [string, InvariantName, (evidence: Evidence) => void][] = [
  ["an accepted prompt has no row", "prompts", ({ database }) => void database.prompts.pop()],
  ["a prompt is run twice", "prompts", ({ ledger }) => ledger.runs.push(present(ledger.runs[0]))],
  [
    "a prompt has two ends",
    "prompts",
    (evidence) => {
      const end = present(eventsOf(evidence).find(({ type }) => type === "prompt.completed"));
      eventsOf(evidence).push(end);
    },
  ],
  ["a prompt has no end", "prompts", (evidence) => remove(eventsOf(evidence), "prompt.completed")],
  ["a row tells another end", "prompts", ({ database }) => void (present(database.prompts[0]).status = "failed")],
  ["an end nobody told", "prompts", ({ ledger }) => void (present(ledger.runs[0]).outcome = undefined)],
  ["a steered prompt joined no turn", "prompts", ({ ledger }) => void present(ledger.runs[0]).steered.pop()],
  [
    "a steered prompt joined two turns",
    "prompts",
    ({ ledger }) => present(ledger.runs[1]).steered.push(...present(ledger.runs[0]).steered),
  ],
  ["a prompt that joined a turn was run", "prompts", ({ database }) => setStatus(database, "steered", "completed")],
  ["the agent heard another answer", "answers", ({ ledger }) => void (askedOf(ledger).heard = "reject")],
  ["the user was asked twice", "answers", (evidence) => eventsOf(evidence).push(askedEvent(evidence))],
  ["an answer was not stored", "answers", (evidence) => remove(eventsOf(evidence), "permission.answered")],
  ["an event is missing from the log", "events", (evidence) => void eventsOf(evidence).splice(3, 1)],
  [
    "an event is twice in the log",
    "events",
    (evidence) => eventsOf(evidence).splice(3, 0, present(eventsOf(evidence)[3])),
  ],
  ["the row is behind the log", "events", ({ database }) => void (present(database.sessions[0]).last_seq -= 1)],
  ["a part was never stored", "said", (evidence) => remove(eventsOf(evidence), "part.settled")],
  ["a part was stored twice", "said", (evidence) => eventsOf(evidence).push(settled(evidence))],
  ["half a part was stored", "said", (evidence) => void (settled(evidence).data.text = "half")],
  ["a report is still in a spool", "said", ({ engine }) => void (engine.unacked = 1)],
  ["a part was stored as cut off that was not", "said", (evidence) => void (settled(evidence).data.partial = true)],
  ["text that a client saw is not stored", "seen", (evidence) => void (settled(evidence).data.text = "half")],
  ["a part that a client saw is not stored", "seen", (evidence) => remove(eventsOf(evidence), "part.settled")],
  ["a client lacks an event", "client", (evidence) => void client(evidence).events.pop()],
  ["a client has one twice", "client", (evidence) => client(evidence).events.push(present(client(evidence).events[0]))],
  ["a client has them in another order", "client", (evidence) => void client(evidence).events.reverse()],
  ["a client met a gap", "client", (evidence) => client(evidence).anomalies.push("a gap")],
  ["a client shows another status", "client", ({ database }) => void (present(database.sessions[0]).status = "failed")],
  ["a file is not as it was written", "work", ({ host }) => void (host.files = {})],
  ["a checkpoint has no row", "work", ({ database }) => void database.checkpoints.pop()],
  ["a container is gone", "engine", ({ engine }) => void engine.ours.pop()],
  ["a container of another boot", "engine", ({ engine }) => void (present(engine.ours[0]).boot = newId("boot"))],
  [
    "a sandbox that the row calls stopped",
    "engine",
    ({ database }) => void (present(database.sessions[0]).sandbox_status = "stopped"),
  ],
  ["a container of others is gone", "leaks", ({ engine }) => void (engine.foreignExpected = 1)],
  ["a boot's row without container", "leaks", ({ database }) => void database.boots.push(newId("boot"))],
  ["scratch space of an import", "leaks", ({ host }) => void host.leftovers.push(sessionId)],
];

test.each(SPOILT)("%s: seen by %s", (_what, invariant, spoil) => {
  const evidence = structuredClone(good);
  spoil(evidence);
  expect(failing(evidence)).toContain(invariant);
});

describe("spoilt where it lies", () => {
  test("a checkpoint's ref is deleted from the quarantine", async () => {
    const { id, commit_id: commit } = present(good.database.checkpoints[0]);
    const gitDir = `--git-dir=${join(world.dataDir, "quarantine", sessionId, "repository.git")}`;
    await git(world.root, gitDir, "update-ref", "-d", `refs/checkpoints/${id}`);
    expect(failing(await world.collect())).toEqual(["work"]);
    await git(world.root, gitDir, "update-ref", `refs/checkpoints/${id}`, commit);
  });

  test("a container nobody asked for, and one of the session's", async () => {
    world.engine.addStranger(world.instance());
    expect(failing(await world.collect())).toEqual(["leaks"]);
    const [handle, container] = present([...world.engine.containers].at(-1));
    container.sessionId = sessionId;
    expect(failing(await world.collect())).toEqual(["engine"]);
    world.engine.containers.delete(handle);
  });

  test("a hub directory is left", async () => {
    const path = join(world.dataDir, "run", "left-over");
    mkdirSync(path);
    expect(failing(await world.collect())).toEqual(["leaks"]);
    rmSync(path, { recursive: true });
  });

  test("the user's repository: a file, a branch, the published branch, an object", async () => {
    const { repository } = world;
    writeFileSync(join(repository, "new.txt"), "new");
    expect(failing(await world.collect())).toEqual(["user"]);
    rmSync(join(repository, "new.txt"));

    await git(repository, "branch", "other");
    expect(failing(await world.collect())).toEqual(["user"]);
    await git(repository, "branch", "-D", "other");

    const [name, commit] = present(Object.entries(good.user.branches)[0]);
    await git(repository, "update-ref", `refs/heads/${name}`, "main");
    expect(failing(await world.collect())).toEqual(["user"]);
    await git(repository, "update-ref", `refs/heads/${name}`, commit);
    expect(failing(await world.collect())).toEqual([]);

    const blob = await git(repository, "rev-parse", "main:README.md");
    rmSync(join(repository, ".git", "objects", blob.slice(0, 2), blob.slice(2)));
    expect(failing(await world.collect())).toContain("user");
  });

  test("a row that refers to nothing", async () => {
    const db = new SQLite(join(world.dataDir, "data.db"));
    db.pragma("foreign_keys = OFF");
    db.prepare("UPDATE checkpoints SET session_id = 'ses_x'").run();
    db.close();
    expect(failing(await world.collect())).toContain("integrity");
  });
});

function askedOf(ledger: Evidence["ledger"]) {
  return present(ledger.runs[0]?.asked[0]);
}

function askedEvent(evidence: Evidence) {
  return present(eventsOf(evidence).find(({ type }) => type === "permission.asked"));
}

function setStatus(database: Evidence["database"], from: string, to: string): void {
  present(database.prompts.find(({ status }) => status === from)).status = to;
}

function settled(evidence: Evidence) {
  const found = present(eventsOf(evidence).find(({ type }) => type === "part.settled"));
  if (found.type !== "part.settled") throw new Error("not a settled part");
  return found;
}

function remove(events: ReturnType<typeof eventsOf>, type: string): void {
  events.splice(
    events.findIndex((event) => event.type === type),
    1,
  );
}
