import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newId, type SessionId } from "@background-agents/shared/ids";
import type { NewSessionEvent } from "@background-agents/shared/protocol/session-events";
import { pino } from "pino";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openDatabase, type Database } from "../db/database.ts";
import { createEventHub } from "../events/event-hub.ts";
import { createEventLog } from "../events/event-log.ts";
import { createKeyedMutex } from "../lib/keyed-mutex.ts";
import { createRedactor } from "../secrets/redact.ts";
import { createIdleEffects } from "./idle-effects.ts";
import { createSessionRecorder } from "./session-recorder.ts";
import { createSessionStore } from "./session-store.ts";

const MINUTE = 60_000;
const start = Date.parse("2026-01-01T12:00:00.000Z");
let directory: string;
let db: Database;
let now: number;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "idle-"));
  db = openDatabase(join(directory, "data.db"));
  now = start;
});
afterEach(() => {
  db.close();
  rmSync(directory, { recursive: true });
});

/** Two sessions with a sandbox each, of which nothing is asked; the first is idle for longer. */
function open() {
  const store = createSessionStore({ db });
  const clock = { now: () => new Date(now) };
  const log = createEventLog({ db });
  const recorder = createSessionRecorder({
    ...{ db, log, store, clock, hub: createEventHub(), redactorFor: () => createRedactor([]) },
  });
  const repository = { id: newId("repository"), name: "r", path: "/r" };
  const created = { title: "T", repository, baseBranch: "main", baseCommit: "a".repeat(40), branch: "agents/t" };
  const make = (): SessionId => {
    const id = newId("session");
    recorder.recordNew(id, [
      { type: "session.created", actor: "user", data: { ...created, model: "demo/scripted", effort: null } },
      { type: "sandbox.ready", actor: "server", data: { boot: newId("boot"), opencodeVersion: "1" } },
    ]);
    now += MINUTE;
    return id;
  };
  const [first, second] = [make(), make()];
  const stopped: SessionId[] = [];
  const looks = new Map<SessionId, Date>();
  const effects = createIdleEffects({
    ...{ store, clock, oneAtATime: createKeyedMutex(), log: pino({ level: "silent" }) },
    places: { listHolders: () => [second, first].filter((id) => !stopped.includes(id)) },
    sandboxes: { stop: async (id) => void stopped.push(id) },
    lastUsedAt: (id) => looks.get(id),
  });
  const record = (id: SessionId, event: NewSessionEvent) => recorder.record(id, () => [event]);
  const stopIdle = (): Promise<void> => effects.stopIdleSince(new Date(now - 15 * MINUTE));
  return { effects, first, second, stopped, looks, record, stopIdle };
}

const approval = { approvalId: "a".repeat(26), action: "push" as const, summary: "push agents/t", details: [] };

test("the sandbox that is idle for longest makes room; idle ones end after their time", async () => {
  const { effects, first, second, stopped, stopIdle } = open();
  await effects.makeRoom();
  expect(stopped).toEqual([first]);
  await stopIdle();
  expect(stopped).toEqual([first]);
  now += 15 * MINUTE;
  await stopIdle();
  expect(stopped).toEqual([first, second]);
});

test("a command that waits for the user's approval keeps its sandbox, however long it waits", async () => {
  const { effects, first, second, stopped, record, stopIdle } = open();
  record(first, { type: "approval.asked", actor: "agent", data: approval });
  await effects.makeRoom();
  expect(stopped).toEqual([second]);
  await effects.makeRoom();
  now += 600 * MINUTE;
  await stopIdle();
  expect(stopped).toEqual([second]);
  record(first, {
    type: "approval.answered",
    actor: "user",
    data: { approvalId: approval.approvalId, outcome: "refused" },
  });
  now += 16 * MINUTE;
  await stopIdle();
  expect(stopped).toEqual([second, first]);
});

test("a sandbox whose preview is looked at is not idle; once nobody looks it is", async () => {
  const { effects, first, second, stopped, looks, stopIdle } = open();
  now += 30 * MINUTE;
  looks.set(first, new Date(now - 10 * MINUTE));
  await stopIdle();
  expect(stopped).toEqual([second]);
  looks.set(first, new Date(now));
  await effects.makeRoom();
  expect(stopped).toEqual([second]);
  now += 2 * MINUTE;
  await effects.makeRoom();
  expect(stopped).toEqual([second, first]);
});
