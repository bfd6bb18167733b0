import { newId } from "@background-agents/shared/ids";
import type { NewSessionEvent } from "@background-agents/shared/protocol/session-events";
import { expect, test } from "vitest";
import { decide, type SessionCommand } from "./session-machine.ts";
import { project } from "./session-projection.ts";
import type { SessionState } from "./session-state.ts";

const sessionId = newId("session");
const DELETED_AT = "2026-01-01T00:00:00.000Z";
const inTime = new Date("2026-01-07T23:59:59.999Z");
const tooLate = new Date("2026-01-08T00:00:00.000Z");

function record(before: SessionState | undefined, events: NewSessionEvent[]): SessionState {
  let state = before;
  for (const event of events) {
    state = project(state, { ...event, seq: (state?.session.lastSeq ?? 0) + 1, v: 1, at: DELETED_AT }, sessionId);
  }
  if (!state) throw new Error("no event");
  return state;
}

const created = record(undefined, [
  {
    type: "session.created",
    actor: "user",
    data: {
      title: "T",
      repository: { id: newId("repository"), name: "r", path: "/r" },
      baseBranch: "main",
      baseCommit: "a".repeat(40),
      branch: "agents/t-123456",
      model: "demo/scripted",
      effort: null,
    },
  },
]);
const deleted = record(created, decide(created, { type: "session.delete" }));
const purged = record(deleted, decide(deleted, { type: "session.purge", now: tooLate }));

const restore = (now: Date): SessionCommand => ({ type: "session.restore", now });
const purge = (now: Date): SessionCommand => ({ type: "session.purge", now });

test.each<[name: string, state: SessionState, command: SessionCommand, types: string[]]>([
  ["a restore within 7 days", deleted, restore(inTime), ["session.restored"]],
  ["a restore of what is not deleted", created, restore(tooLate), []],
  ["a purge within 7 days", deleted, purge(inTime), []],
  ["a purge after 7 days", deleted, purge(tooLate), ["session.purged"]],
  ["a purge of what is not deleted", created, purge(tooLate), []],
  ["a second purge", purged, purge(tooLate), []],
])("%s", (...[, state, command, types]) => {
  expect(decide(state, command).map((event) => event.type)).toEqual(types);
});

test.each([
  ["after 7 days, though not purged yet", deleted, tooLate],
  ["after the purge, whatever the clock says", purged, inTime],
])("a restore is refused %s, and says what is gone and what is not", (_name, state, now) => {
  expect(() => decide(state, restore(now))).toThrow(
    expect.objectContaining({
      code: "session.deleted",
      message: expect.stringMatching(/checkpoints are gone.*agents\/t-123456 is still in your repository/),
    }),
  );
});

test("a purge is quiet: it leaves the place in the list and the rest of the state alone", () => {
  expect(purged).toEqual({
    ...deleted,
    purgedAt: DELETED_AT,
    session: { ...deleted.session, lastSeq: deleted.session.lastSeq + 1 },
  });
});
