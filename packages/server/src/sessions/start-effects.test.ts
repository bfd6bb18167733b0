import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newId, type SessionId } from "@background-agents/shared/ids";
import { pino } from "pino";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openDatabase, type Database } from "../db/database.ts";
import { createEventHub } from "../events/event-hub.ts";
import { createEventLog } from "../events/event-log.ts";
import { systemClock } from "../lib/clock.ts";
import { createEnginePresence } from "../sandboxes/engine-presence.ts";
import { wrapEngineError } from "../sandboxes/engine-call.ts";
import { createSandboxPlaces } from "../sandboxes/sandbox-places.ts";
import { createRedactor } from "../secrets/redact.ts";
import { refusal } from "../testing/fake-provider.ts";
import { createSessionRecorder } from "./session-recorder.ts";
import { createSessionStore } from "./session-store.ts";
import { createStartEffects } from "./start-effects.ts";

let directory: string;
let db: Database;
let nowMs: number;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "starts-"));
  db = openDatabase(join(directory, "data.db"));
  nowMs = 0;
});
afterEach(() => {
  db.close();
  rmSync(directory, { recursive: true });
});

/** Two sessions with a prompt each, and an engine that may be away. */
function open() {
  const store = createSessionStore({ db });
  const events = createEventLog({ db });
  const hub = createEventHub();
  const recorder = createSessionRecorder({
    ...{ db, log: events, store, hub, clock: systemClock, redactorFor: () => createRedactor([]) },
  });
  const state = { away: false, breaks: false, asked: 0, prepared: 0, warned: 0, started: [] as SessionId[] };
  const make = (): SessionId => {
    const id = newId("session");
    const settings = { model: "demo/scripted", effort: null };
    const repository = { id: newId("repository"), name: "r", path: "/r" };
    const created = { title: "T", repository, baseBranch: "main", baseCommit: "a".repeat(40), branch: "agents/t" };
    recorder.recordNew(id, [
      { type: "session.created", actor: "user", data: { ...created, ...settings } },
      {
        type: "prompt.queued",
        actor: "user",
        promptId: newId("prompt"),
        data: { text: "work", mode: "queue", ...settings },
      },
    ]);
    return id;
  };
  const places = createSandboxPlaces({ limit: () => 8, availableBytes: () => undefined, reserveBytes: 1 });
  const log = pino({ level: "warn" }, { write: () => (state.warned += 1) });
  const { startSandbox } = createStartEffects({
    ...{ recorder, places, log, resumed: new Set<SessionId>() },
    engine: createEnginePresence({
      nowMs: () => nowMs,
      async info() {
        state.asked += 1;
        if (state.away) throw wrapEngineError(refusal("ECONNREFUSED"));
      },
    }),
    sandboxes: {
      async start({ sessionId }) {
        if (state.breaks) throw wrapEngineError(refusal("ECONNRESET"));
        state.started.push(sessionId);
      },
    },
    setupPlan: { findApart: async () => undefined },
    buildSpec: async () => ({}) as never,
    async ensureMirror() {
      state.prepared += 1;
      return "/mirror";
    },
    requireSpace: async () => undefined,
    makeRoom: () => undefined,
    releasePlace: (id) => places.release(id),
    advanceWaiting: () => undefined,
  });
  const start = async (id: SessionId): Promise<void> => {
    const found = store.find(id);
    if (found) await startSandbox(found);
  };
  const listTypes = (id: SessionId): string[] => events.listAfter(id, 2, 100).map(({ type }) => type);
  const failureOf = (id: SessionId) => events.listOfTypes(id, ["prompt.failed"]).map(({ data }) => data);
  return { state, start, listTypes, failureOf, places, sessions: [make(), make()] as const };
}

test("while the engine is away nothing is prepared, asked or said again and again; then they start in their order", async () => {
  const { state, start, listTypes, places, sessions } = open();
  state.away = true;
  for (; nowMs < 60 * 60_000; nowMs += 10_000) await Promise.all(sessions.map(start));
  expect(state).toMatchObject({ prepared: 0, warned: 2, started: [] });
  // Once a minute in the end, and not six times for each of them.
  expect(state.asked).toBeLessThan(70);
  for (const session of sessions) expect(listTypes(session)).toEqual(["sandbox.queued"]);
  expect(places.listWaiting()).toEqual(sessions);
  expect(places.listHolders()).toEqual([]);

  state.away = false;
  nowMs += 60_000;
  for (const session of sessions) await start(session);
  expect(state.started).toEqual(sessions);
});

test("a start that is broken off waits a moment; one that is broken off each time fails, and its place is free", async () => {
  const { state, start, listTypes, failureOf, places, sessions } = open();
  const [first] = sessions;
  state.breaks = true;
  for (const wait of [0, 500, 500, 1000]) {
    nowMs += wait;
    await start(first);
  }
  expect(state).toMatchObject({ prepared: 3, started: [] });
  expect(listTypes(first)).toEqual(["sandbox.queued", "sandbox.failed", "prompt.failed"]);
  const message = expect.stringContaining("broke off the start of this sandbox 3 times");
  expect(failureOf(first)).toEqual([{ code: "engine.unusable", message }]);
  expect([places.listWaiting(), places.listHolders()]).toEqual([[], []]);
});

test("starts that were broken off are forgotten with one that was not", async () => {
  const { state, start, listTypes, sessions } = open();
  const [first] = sessions;
  for (const breaks of [true, true, false, true, true]) {
    state.breaks = breaks;
    nowMs += 60_000;
    await start(first);
  }
  expect(state.started).toEqual([first]);
  expect(listTypes(first)).not.toContain("prompt.failed");
});
