import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { afterEach, beforeEach, expect, test } from "vitest";
import { newId } from "@background-agents/shared/ids";
import type { SessionEvent } from "@background-agents/shared/protocol/session-events";
import { openDatabase, type Database } from "../db/database.ts";
import { createEventHub } from "../events/event-hub.ts";
import { createEventLog } from "../events/event-log.ts";
import { systemClock } from "../lib/clock.ts";
import { createRedactor } from "../secrets/redact.ts";
import { createSessionRecorder } from "../sessions/session-recorder.ts";
import { createSessionStore } from "../sessions/session-store.ts";
import { createApprovals, type Approvals } from "./approvals.ts";

let directory: string;
let db: Database;
let made: Approvals[];
const sessionId = newId("session");
const never = new AbortController().signal;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "approvals-"));
  db = openDatabase(join(directory, "data.db"));
  made = [];
});
afterEach(() => {
  for (const approvals of made) approvals.close();
  db.close();
  rmSync(directory, { recursive: true });
});

/** The room as one run of the server has it, on the same database. */
function open(graceMs: number) {
  const events = createEventLog({ db });
  const hub = createEventHub();
  const store = createSessionStore({ db });
  const recorder = createSessionRecorder({
    db,
    log: events,
    hub,
    store,
    clock: systemClock,
    redactorFor: () => createRedactor([]),
  });
  if (!store.find(sessionId)) {
    const repository = { id: newId("repository"), name: "r", path: "/r" };
    const data = { title: "T", repository, baseBranch: "main", baseCommit: "a".repeat(40), branch: "agents/t" };
    const created = { ...data, model: "demo/scripted", effort: null };
    recorder.recordNew(sessionId, [{ type: "session.created", actor: "user", data: created }]);
  }
  const log = pino({ level: "silent" });
  const approvals = createApprovals({ store, recorder, events, graceMs, log });
  made.push(approvals);
  const untilEvent = (type: SessionEvent["type"]): Promise<SessionEvent> =>
    new Promise((resolve) =>
      hub.subscribe(sessionId, (frame) => {
        if (frame.type === "event" && frame.event.type === type) resolve(frame.event);
      }),
    );
  const ask = (requestId: string, subject = "push", gone = never) =>
    approvals.ask({ sessionId, requestId, subject, gone }, async () => ({
      ...{ action: "push" as const, summary: `about ${subject}`, details: [] },
    }));
  const listOpen = () => store.find(sessionId)?.session.asking.approvals.map(({ approvalId }) => approvalId) ?? [];
  return { approvals, ask, untilEvent, listOpen };
}

test("a command that was cut off and comes again goes on waiting, whatever it calls itself", async () => {
  const { approvals, ask, untilEvent, listOpen } = open(60_000);
  const cut = new AbortController();
  const asked = untilEvent("approval.asked");
  const first = ask("request-1", "push", cut.signal);
  await asked;
  cut.abort();
  expect((await first).outcome).toBe("withdrawn");
  expect(listOpen()).toHaveLength(1);
  const second = ask("request-2");
  const other = untilEvent("approval.asked");
  const third = ask("request-2", "another");
  await other;
  const [approvalId = ""] = listOpen();
  approvals.answer(sessionId, { approvalId, allow: true, message: "go" });
  expect(await second).toMatchObject({ outcome: "allowed", message: "go" });
  approvals.withdrawRequest(sessionId, "request-2");
  expect((await third).outcome).toBe("withdrawn");
  // A request that was taken back can be made again.
  const again = untilEvent("approval.asked");
  void ask("request-2", "another");
  await again;
  expect(listOpen()).toHaveLength(1);
});

test("one that does not come again is withdrawn", async () => {
  const { ask, untilEvent, listOpen } = open(1);
  const cut = new AbortController();
  const [asked, answered] = [untilEvent("approval.asked"), untilEvent("approval.answered")];
  void ask("request-1", "push", cut.signal);
  await asked;
  cut.abort();
  expect((await answered).data).toMatchObject({ outcome: "withdrawn" });
  expect(listOpen()).toEqual([]);
});

test("one that cannot be withdrawn, for want of room on the disk, is withdrawn later", async () => {
  const { ask, untilEvent, listOpen } = open(5);
  db.exec(`CREATE TRIGGER full BEFORE INSERT ON events WHEN NEW.type = 'approval.answered'
    BEGIN SELECT note_try(), RAISE(ABORT, 'no room'); END`);
  let tries = 0;
  const triedTwice = new Promise<void>((resolve) => {
    db.function("note_try", { directOnly: false }, () => {
      tries += 1;
      if (tries === 2) resolve();
      return 0;
    });
  });
  const cut = new AbortController();
  const asked = untilEvent("approval.asked");
  const first = ask("request-1", "push", cut.signal);
  await asked;
  cut.abort();
  await first;
  await triedTwice;
  expect(listOpen()).toHaveLength(1);
  const withdrawn = untilEvent("approval.answered");
  db.exec("DROP TRIGGER full");
  await withdrawn;
  expect(listOpen()).toEqual([]);
});

test("after a restart an answer is found, an open request is joined, and what nobody comes for is withdrawn", async () => {
  const before = open(60_000);
  const asked = before.untilEvent("approval.asked");
  void before.ask("request-1", "one");
  await asked;
  before.approvals.answer(sessionId, { approvalId: before.listOpen()[0] ?? "", allow: true });
  for (const subject of ["two", "three"]) {
    const next = before.untilEvent("approval.asked");
    void before.ask("request-1", subject);
    await next;
  }
  before.approvals.close();

  const after = open(1);
  expect(await after.ask("request-1", "one")).toMatchObject({ outcome: "allowed" });
  // Comes before the server looks for what is left open, and keeps it so.
  const joined = after.ask("request-1", "two");
  const withdrawn = after.untilEvent("approval.answered");
  after.approvals.recover([sessionId]);
  expect((await withdrawn).data).toMatchObject({ outcome: "withdrawn" });
  expect(after.listOpen()).toHaveLength(1);
  after.approvals.answer(sessionId, { approvalId: after.listOpen()[0] ?? "", allow: false });
  expect(await joined).toMatchObject({ outcome: "refused" });
});
