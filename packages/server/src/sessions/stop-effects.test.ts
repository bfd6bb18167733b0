import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newId } from "@background-agents/shared/ids";
import type { NewSessionEvent, SessionEventType } from "@background-agents/shared/protocol/session-events";
import { pino } from "pino";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openDatabase, type Database } from "../db/database.ts";
import { createEventHub } from "../events/event-hub.ts";
import { createEventLog } from "../events/event-log.ts";
import { AppError } from "../lib/app-error.ts";
import { systemClock } from "../lib/clock.ts";
import { createRedactor } from "../secrets/redact.ts";
import { project } from "./session-projection.ts";
import { createSessionRecorder } from "./session-recorder.ts";
import type { SessionState } from "./session-state.ts";
import { createSessionStore } from "./session-store.ts";
import { createStopEffects } from "./stop-effects.ts";

const [sessionId, promptId, turnId] = [newId("session"), newId("prompt"), newId("turn")];
const ids = { promptId, turnId };
const REASON = "the agent did not stop when asked";
let directory: string;
let db: Database;

beforeEach(() => {
  vi.useFakeTimers();
  directory = mkdtempSync(join(tmpdir(), "stops-"));
  db = openDatabase(join(directory, "data.db"));
});
afterEach(() => {
  db.close();
  rmSync(directory, { recursive: true });
  vi.useRealTimers();
});

/** A turn that was stopped, and whose agent does not obey. */
function listStopping(): NewSessionEvent[] {
  const repository = { id: newId("repository"), name: "r", path: "/r" };
  const created = { title: "T", repository, baseBranch: "main", baseCommit: "a".repeat(40), branch: "agents/t" };
  const settings = { model: "demo/scripted", effort: null };
  return [
    { type: "session.created", actor: "user", data: { ...created, ...settings } },
    { type: "prompt.queued", actor: "user", promptId, data: { text: "work", mode: "queue", ...settings } },
    { type: "prompt.starting", actor: "server", ...ids, data: {} },
    { type: "prompt.started", actor: "agent", ...ids, data: { messageId: "msg_1" } },
    { type: "prompt.stopping", actor: "user", ...ids, data: {} },
  ];
}

/** The effects over that turn; engine and disk fail so many times before they do what they are asked. */
function open(failures: { engine: number; disk: number }) {
  const log = createEventLog({ db });
  const store = createSessionStore({ db });
  const deps = { db, log, store, hub: createEventHub(), clock: systemClock, redactorFor: () => createRedactor([]) };
  const recorder = createSessionRecorder(deps);
  recorder.recordNew(sessionId, listStopping());
  let asked = 0;
  const effects = createStopEffects({
    store,
    recorder: {
      record(id, build, also) {
        if (failures.disk-- > 0) throw new Error("database or disk is full");
        return recorder.record(id, build, also);
      },
    },
    sandboxes: {
      send: () => true,
      isLeftRunning: () => true,
      async stop() {
        asked += 1;
        if (failures.engine-- > 0) throw new AppError("engine.unavailable", "The Docker engine does not answer.");
        const data = { reason: REASON };
        recorder.record(sessionId, () => [{ type: "prompt.interrupted", actor: "server", ...ids, data }]);
      },
    },
    log: pino({ level: "silent" }),
  });
  const count = (type: SessionEventType): number => log.listOfTypes(sessionId, [type]).length;
  return { effects, count, asked: () => asked };
}

test("a container that the engine does not stop is stopped when the engine is back; it is said once", async () => {
  const { effects, count, asked } = open({ engine: 3, disk: 0 });
  effects.stopTurn(sessionId);
  await vi.advanceTimersByTimeAsync(29_999);
  expect(asked()).toBe(0);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked()).toBe(4);
  expect([count("stop.escalated"), count("prompt.interrupted")]).toEqual([1, 1]);
});

test("a disk that takes no event delays the stop, and does not prevent it", async () => {
  const { effects, count, asked } = open({ engine: 0, disk: 2 });
  effects.stopTurn(sessionId);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked()).toBe(1);
  expect([count("stop.escalated"), count("prompt.interrupted")]).toEqual([1, 1]);
});

test("a stop that was begun is seen through; an engine that is away is asked again, another failure is told", async () => {
  const failures: (AppError | undefined)[] = [
    new AppError("engine.unavailable", "The Docker engine does not answer."),
    new AppError("sandbox.failed", "The Docker engine refused."),
    undefined,
  ];
  const ended: string[] = [];
  let isLeftRunning = true;
  const stops = createStopEffects({
    store: { find: () => undefined },
    recorder: { record: () => undefined as never },
    sandboxes: {
      send: () => true,
      isLeftRunning: () => isLeftRunning,
      async stop(_id, reason) {
        const failure = failures.shift();
        if (failure) throw failure;
        ended.push(reason);
      },
    },
    log: pino({ level: "silent" }),
  });
  let state: SessionState | undefined;
  const data = { reason: "its disk is full" };
  const stopping: NewSessionEvent = { type: "sandbox.stopping", actor: "server", data };
  for (const [at, event] of [...listStopping(), stopping].entries()) {
    expect(state === undefined ? false : stops.isLeftUndone(state)).toBe(false);
    state = project(state, { ...event, seq: at + 1, v: 1, at: "2026-01-01T00:00:00.000Z" }, sessionId);
  }
  if (!state) throw new Error("no state");
  expect(stops.isLeftUndone(state)).toBe(true);
  await stops.finishStop(state);
  await expect(stops.finishStop(state)).rejects.toThrow("refused");
  expect(ended).toEqual([]);
  await stops.finishStop(state);
  expect(ended).toEqual(["its disk is full"]);
  isLeftRunning = false;
  expect(stops.isLeftUndone(state)).toBe(false);
});

test("a server that closes tries no more", async () => {
  const { effects, asked } = open({ engine: 100, disk: 0 });
  effects.stopTurn(sessionId);
  await vi.advanceTimersByTimeAsync(31_000);
  const tried = asked();
  expect(tried).toBeGreaterThan(0);
  effects.close();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked()).toBe(tried);
});
