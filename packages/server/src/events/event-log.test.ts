import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newId } from "@background-agents/shared/ids";
import { expect, onTestFinished, test } from "vitest";
import { openDatabase } from "../db/database.ts";
import { createEventLog } from "./event-log.ts";

test("tells how much the events of a session hold, in bytes, and goes on from where it was asked before", () => {
  const directory = mkdtempSync(join(tmpdir(), "events-"));
  const db = openDatabase(join(directory, "data.db"));
  onTestFinished(() => {
    db.close();
    rmSync(directory, { recursive: true, force: true });
  });
  const log = createEventLog({ db });
  const [one, other] = [newId("session"), newId("session")];
  const tell = (sessionId: typeof one, message: string) => {
    const data = { level: "info" as const, code: "c", message };
    log.append(sessionId, { type: "notice.raised", actor: "agent", data }, "2026-11-23T12:00:00.000Z");
    return Buffer.byteLength(JSON.stringify(data));
  };
  db.pragma("foreign_keys = off");
  const [first, second] = [tell(one, "äöü"), tell(one, "x".repeat(1000))];
  tell(other, "not its own");
  expect(log.sizeAfter(one, 0)).toEqual({ bytes: first + second, seq: 2 });
  expect(log.sizeAfter(one, 1)).toEqual({ bytes: second, seq: 2 });
  expect(log.sizeAfter(one, 2)).toEqual({ bytes: 0, seq: 2 });
});
