import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newId } from "@background-agents/shared/ids";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type Database, openDatabase } from "../db/database.ts";
import { createUsageStore } from "./usage-store.ts";

let root: string;
let db: Database;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "usage-"));
  db = openDatabase(join(root, "data.db"));
});
afterEach(() => {
  db.close();
  rmSync(root, { recursive: true, force: true });
});

const day = (number: number) => new Date(2026, 10, number, 12);
const [one, two] = [newId("session"), newId("session")];
const repositoryId = newId("repository");

it("adds up by day, session, model and repository", () => {
  const usage = createUsageStore({ db });
  const of = { repositoryId, model: "a/x" };
  usage.add({ ...of, at: day(1), sessionId: one, inputTokens: 10, outputTokens: 1, costUsd: 0.5 });
  usage.add({ ...of, at: day(1), sessionId: one, workMs: 60_000.4 });
  usage.add({ ...of, at: day(2), sessionId: one, inputTokens: 20 });
  usage.add({ ...of, at: day(2), sessionId: two, model: "b/y", inputTokens: 5, costUsd: 2 });
  expect(usage.list({ by: "day" })).toEqual([
    { key: "2026-11-02", label: "2026-11-02", inputTokens: 25, outputTokens: 0, costUsd: 2, minutes: 0 },
    { key: "2026-11-01", label: "2026-11-01", inputTokens: 10, outputTokens: 1, costUsd: 0.5, minutes: 1 },
  ]);
  expect(usage.list({ by: "model" }).map(({ key, inputTokens }) => [key, inputTokens])).toEqual([
    ["b/y", 5],
    ["a/x", 30],
  ]);
  expect(usage.list({ by: "session", from: "2026-11-02", to: "2026-11-02" })).toMatchObject([
    { key: two, label: two, inputTokens: 5 },
    { key: one, inputTokens: 20 },
  ]);
  expect(usage.list({ by: "repository" })).toMatchObject([{ key: repositoryId, inputTokens: 35 }]);
  expect(usage.totalOf(day(1))).toEqual({ inputTokens: 10, outputTokens: 1, costUsd: 0.5, workMs: 60_000 });
  expect(usage.totalOf(day(3))).toEqual({ inputTokens: 0, outputTokens: 0, costUsd: 0, workMs: 0 });
});

it("takes over what was recorded before there was a table, once", () => {
  db.prepare(
    `INSERT INTO sessions (id, title, repository_id, repository_name, repository_path, base_branch, base_commit, branch,
       model, status, status_reason, attention, sandbox_status, created_at, last_activity_at)
     VALUES (?, 'Fix it', ?, 'r', '/r', 'main', 'c', 'b', 'a/x', 'idle', '', 'done', 'none', '', '')`,
  ).run(one, repositoryId);
  const event = db.prepare(
    "INSERT INTO events (session_id, seq, v, type, at, actor, data) VALUES (?, ?, 1, ?, ?, 'server', ?)",
  );
  const counts = { inputTokens: 10, cacheReadTokens: 5, cacheWriteTokens: 1, outputTokens: 2, costUsd: 0.25 };
  const data = JSON.stringify({ model: "a/x", ...counts });
  event.run(one, 1, "usage.recorded", day(1).toISOString(), data);
  event.run(one, 2, "usage.recorded", day(1).toISOString(), data);
  event.run(one, 3, "session.archived", day(1).toISOString(), "{}");
  const usage = createUsageStore({ db });
  usage.takeOverEvents();
  usage.takeOverEvents();
  expect(usage.list({ by: "session" })).toEqual([
    { key: one, label: "Fix it", inputTokens: 32, outputTokens: 4, costUsd: 0.5, minutes: 0 },
  ]);
  expect(usage.list({ by: "day" })).toMatchObject([{ key: "2026-11-01" }]);
});
