import { newId, type SessionId } from "@background-agents/shared/ids";
import type { NewSessionEvent } from "@background-agents/shared/protocol/session-events";
import { pino } from "pino";
import { expect, test } from "vitest";
import { AppError } from "../lib/app-error.ts";
import type { VolumeUse } from "../sandboxes/sandbox-provider.ts";
import { createDiskQuota, type DiskQuotaDeps } from "./disk-quota.ts";

const GIB = 2 ** 30;

function world() {
  const state = {
    running: [newId("session"), newId("session")] as SessionId[],
    free: { bytes: 100 * GIB, inodes: 1e6 } as VolumeUse | undefined,
    held: new Map<SessionId, number>(),
    written: new Map<SessionId, number>(),
    limit: (10 * GIB) as number | null,
    nowMs: 0,
    /** Sessions that were made later than the clock's beginning, by when. */
    createdMs: new Map<SessionId, number>(),
    counted: 0,
    onCount: (): unknown => undefined,
    notices: [] as string[],
    stopping: [] as string[],
    stops: [] as { sessionId: SessionId; reason: string; graceMs: number | undefined }[],
  };
  const record: DiskQuotaDeps["recorder"]["record"] = (sessionId, decide) => {
    const status = state.running.includes(sessionId) ? "ready" : "stopped";
    const before = { session: { sandbox: { status } } } as Parameters<typeof decide>[0];
    const events: NewSessionEvent[] = decide(before);
    for (const event of events) {
      if (event.type === "notice.raised") state.notices.push(event.data.message);
      if (event.type === "sandbox.stopping") state.stopping.push(event.data.reason);
    }
    return { state: {} as Parameters<typeof decide>[0], events: [] };
  };
  const quota = createDiskQuota({
    recorder: { record },
    provider: {
      freeSpace: async () => state.free,
      bytesWritten: async () => new Map(state.written),
      async measureVolumes(sessions) {
        state.counted += 1;
        state.onCount();
        return new Map(sessions.map((id) => [id, { bytes: state.held.get(id) ?? 0, inodes: 10 }]));
      },
    },
    sandboxes: {
      runningSessions: () => [...state.running],
      async stop(sessionId, reason, graceMs) {
        state.stops.push({ sessionId, reason, graceMs });
        state.running = state.running.filter((id) => id !== sessionId);
      },
    },
    limitOf: () => state.limit,
    createdAt: (sessionId) => new Date(state.createdMs.get(sessionId) ?? 0).toISOString(),
    clock: { now: () => new Date(state.nowMs) },
    log: pino({ level: "silent" }),
  });
  const lookAfter = async (ms: number) => {
    state.nowMs += ms;
    await quota.look();
  };
  return { state, quota, lookAfter };
}

test("warns once at 80 %, stops at 100 % with what is held, and refuses the next start until the share is raised", async () => {
  const { state, quota, lookAfter } = world();
  const [filler, other] = state.running as [SessionId, SessionId];
  await lookAfter(0);
  state.held.set(filler, 8.5 * GIB);
  await lookAfter(60_000);
  await lookAfter(60_000);
  expect(state.notices).toEqual([expect.stringMatching(/8\.5 GiB.*share is 10\.0 GiB/)]);
  expect(state.stops).toEqual([]);

  state.held.set(filler, 11 * GIB);
  await lookAfter(60_000);
  expect(state.stops).toEqual([
    expect.objectContaining({ sessionId: filler, reason: expect.stringContaining("11.0 GiB") }),
  ]);
  expect(state.stopping).toEqual(state.stops.map(({ reason }) => reason));
  expect(() => quota.requireShare(filler)).toThrow(/11\.0 GiB.*raise the share/);
  expect(() => quota.requireShare(other)).not.toThrow();
  state.limit = 20 * GIB;
  expect(() => quota.requireShare(filler)).not.toThrow();
  state.limit = null;
  expect(() => quota.requireShare(filler)).not.toThrow();
});

test("stops a sandbox once that holds too much on a disk that runs out, and none that ended while files were counted", async () => {
  const { state, lookAfter } = world();
  const [filler, gone] = state.running as [SessionId, SessionId];
  await lookAfter(0);
  state.held.set(filler, 11 * GIB).set(gone, 11 * GIB);
  state.free = { bytes: 1, inodes: 1e6 };
  state.onCount = () => (state.running = [filler]);
  await lookAfter(60_000);
  expect(state.stops.map(({ sessionId }) => sessionId)).toEqual([filler]);
  expect(state.stopping).toHaveLength(1);
});

test("counts files only when the disk says that there is something to count", async () => {
  const { state, lookAfter } = world();
  // What is there at first is what everything later is held against.
  await lookAfter(0);
  expect(state.counted).toBe(1);
  for (let looks = 0; looks < 25; looks += 1) await lookAfter(2000);
  expect(state.counted).toBe(1);
  state.free = { bytes: 99 * GIB, inodes: 1e6 };
  await lookAfter(2000);
  expect(state.counted).toBe(2);
  state.running = [];
  await lookAfter(600_000);
  expect(state.counted).toBe(2);
});

test("one that fills the disk is stopped in a hurry before the disk is full, whatever its share", async () => {
  const { state, lookAfter } = world();
  const [filler, other] = state.running as [SessionId, SessionId];
  state.limit = null;
  state.held.set(other, 50 * GIB);
  await lookAfter(0);
  await lookAfter(60_000);
  state.free = { bytes: 6 * GIB, inodes: 1e6 };
  await lookAfter(60_000);
  state.free = { bytes: 0.9 * GIB, inodes: 1e6 };
  state.held.set(filler, 5 * GIB);
  await lookAfter(6000);
  expect(state.stops).toEqual([
    { sessionId: filler, reason: expect.stringContaining("only 0.9 GiB are free"), graceMs: 2000 },
  ]);

  // Full by somebody else's doing: nobody is stopped for it.
  await lookAfter(6000);
  expect(state.stops).toHaveLength(1);
});

test("nobody is stopped on a disk that was short of room from the first look on, until somebody grows", async () => {
  const { state, lookAfter } = world();
  const [large, growing] = state.running as [SessionId, SessionId];
  state.limit = null;
  state.free = { bytes: 0.9 * GIB, inodes: 1e6 };
  state.held.set(large, 50 * GIB).set(growing, 3 * GIB);
  await lookAfter(0);
  for (let looks = 0; looks < 15; looks += 1) await lookAfter(6000);
  expect(state.stops).toEqual([]);
  state.held.set(growing, 3.2 * GIB);
  await lookAfter(6000);
  expect(state.stops).toEqual([expect.objectContaining({ sessionId: growing })]);
});

test("what an older session held when it came to run is no growth, what a new one holds is", async () => {
  const { state, lookAfter } = world();
  const resumed = newId("session");
  const made = newId("session");
  state.limit = null;
  state.free = { bytes: 6 * GIB, inodes: 1e6 };
  await lookAfter(0);
  await lookAfter(60_000);
  state.running.push(resumed);
  state.held.set(resumed, 4 * GIB);
  state.free = { bytes: 0.9 * GIB, inodes: 1e6 };
  for (const sessionId of state.running) state.written.set(sessionId, 0);
  await lookAfter(6000);
  await lookAfter(6000);
  expect(state.stops).toEqual([]);
  state.running.push(made);
  state.createdMs.set(made, state.nowMs);
  state.held.set(made, 4 * GIB);
  await lookAfter(6000);
  expect(state.stops).toEqual([expect.objectContaining({ sessionId: made })]);
});

test("nobody is stopped for what somebody else writes, but told, until the disk is all but full", async () => {
  const { state, lookAfter } = world();
  const running = [...state.running];
  state.free = { bytes: 6 * GIB, inodes: 1e6 };
  for (const sessionId of running) state.written.set(sessionId, 20 * GIB);
  await lookAfter(0);
  const runOut = async () => {
    state.free = { bytes: 0.9 * GIB, inodes: 1e6 };
    for (const sessionId of running) state.written.set(sessionId, 20.1 * GIB);
    await lookAfter(6000);
    await lookAfter(6000);
  };
  await runOut();
  const told = expect.stringMatching(/only 0\.9 GiB are free.*No sandbox seems.*Make room.*less than 0\.5 GiB/);
  expect(state.notices).toEqual([told, told]);
  // With room again the next time is told anew.
  state.free = { bytes: 6 * GIB, inodes: 1e6 };
  await lookAfter(60_000);
  await runOut();
  expect(state.notices).toHaveLength(4);
  expect(state.stops).toEqual([]);

  state.free = { bytes: 0.4 * GIB, inodes: 1e6 };
  await lookAfter(6000);
  const all = expect.stringMatching(/all sandboxes are stopped.*it may be none of them/);
  expect(state.stops).toEqual(running.map((sessionId) => ({ sessionId, graceMs: 2000, reason: all })));
});

test("files that were deleted and are open are laid on who wrote them, else on all, never on who grew a little", async () => {
  const { state, lookAfter } = world();
  const [hider, other] = state.running as [SessionId, SessionId];
  const third = newId("session");
  state.running.push(third);
  state.limit = null;
  state.free = { bytes: 6 * GIB, inodes: 1e6 };
  state.written.set(hider, 7 * GIB).set(other, 9 * GIB);
  await lookAfter(0);
  await lookAfter(60_000);
  state.free = { bytes: 0.9 * GIB, inodes: 1e6 };
  state.held.set(other, 0.1 * GIB);
  state.written.set(hider, 12 * GIB).set(other, 9.1 * GIB);
  await lookAfter(6000);
  expect(state.stops).toEqual([
    { sessionId: hider, reason: expect.stringContaining("files that it deleted and still has open"), graceMs: 2000 },
  ]);

  // It was not that one: what was lost is still away, and no count of writing tells by whom.
  await lookAfter(6000);
  expect(state.stops.slice(1)).toEqual(
    [other, third].map((sessionId) => ({
      ...{ sessionId, graceMs: 2000, reason: expect.stringContaining("all sandboxes are stopped") },
    })),
  );
});

test("counts of writing begin anew with a container", async () => {
  const { state, lookAfter } = world();
  const [hider] = state.running as [SessionId];
  state.free = { bytes: 6 * GIB, inodes: 1e6 };
  state.written.set(hider, 70 * GIB);
  await lookAfter(0);
  state.free = { bytes: 0.9 * GIB, inodes: 1e6 };
  state.written.set(hider, 5 * GIB);
  await lookAfter(6000);
  expect(state.stops.map(({ sessionId }) => sessionId)).toEqual([hider]);
});

test("says so once where nothing can be counted for long, and again when it could be in between", async () => {
  const { state, lookAfter } = world();
  const fail = () => {
    throw new AppError("sandbox.failed", "What the sessions' volumes hold could not be counted.");
  };
  const failOnce = async () => expect(lookAfter(60_000)).rejects.toThrow("could not be counted");
  await lookAfter(0);
  state.onCount = fail;
  await failOnce();
  await failOnce();
  expect(state.notices).toEqual([]);
  await failOnce();
  await failOnce();
  const told = expect.stringMatching(/cannot be counted, so it is not stopped at its share.*needs sh and du/);
  expect(state.notices).toEqual([told, told]);
  state.onCount = () => undefined;
  await lookAfter(60_000);
  state.onCount = fail;
  for (let looks = 0; looks < 3; looks += 1) await failOnce();
  expect(state.notices).toHaveLength(4);
});

test("an engine that is away is no failure to count", async () => {
  const { state, lookAfter } = world();
  await lookAfter(0);
  state.onCount = () => {
    throw new AppError("engine.unavailable", "away");
  };
  for (let looks = 0; looks < 5; looks += 1) await expect(lookAfter(60_000)).rejects.toThrow("away");
  expect(state.notices).toEqual([]);
});

test("a disk that is too full to count on ends all sandboxes, since it cannot be told whose it is", async () => {
  const { state, lookAfter } = world();
  const running = [...state.running];
  state.free = { bytes: 6 * GIB, inodes: 1e6 };
  await lookAfter(0);
  state.free = { bytes: 0, inodes: 1e6 };
  state.onCount = () => {
    throw new AppError("sandbox.failed", "no space left on device");
  };
  await expect(lookAfter(6000)).rejects.toThrow("no space left");
  expect(state.stops.map(({ sessionId }) => sessionId)).toEqual(running);
});

test("an engine that tells nothing of its disk is counted every 30 s", async () => {
  const { state, lookAfter } = world();
  state.free = undefined;
  await lookAfter(0);
  expect(state.counted).toBe(1);
  await lookAfter(29_000);
  expect(state.counted).toBe(1);
  await lookAfter(1000);
  expect(state.counted).toBe(2);
});
