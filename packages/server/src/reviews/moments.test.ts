import { newId } from "@background-agents/shared/ids";
import type { LiveChanges } from "@background-agents/shared/sessions/session";
import { expect, it } from "vitest";
import { AppError } from "../lib/app-error.ts";
import { project } from "../sessions/session-projection.ts";
import { createMoments } from "./moments.ts";

const sessionId = newId("session");
const base = "a".repeat(40);
const shown = "b".repeat(40);

function open() {
  const state = project(
    undefined,
    {
      ...{ seq: 1, v: 1, at: "2026-01-01T00:00:00.000Z", actor: "user", type: "session.created" },
      data: {
        ...{ title: "T", repository: { id: newId("repository"), name: "r", path: "/r" } },
        ...{ baseBranch: "main", baseCommit: base, branch: "agents/t-123456", model: "demo/scripted", effort: null },
      },
    },
    sessionId,
  );
  let live: LiveChanges | null = { turnId: newId("turn"), commit: shown, files: 1, additions: 1, deletions: 0 };
  const store = { find: () => state, findCheckpoint: () => undefined };
  const moments = createMoments({ store, readLive: () => live });
  return { moments, endTurn: () => (live = null) };
}

const gone = () => new AppError("checkpoint.not-found", "It is gone.");

it("reads what a moment means by now, where a turn ended between asking and reading", async () => {
  const { moments, endTurn } = open();
  const asked: string[][] = [];
  const read = moments.readAt(sessionId, ["base", "live"], (commits) => {
    asked.push(commits);
    if (asked.length > 1) return Promise.resolve("read");
    endTurn();
    return Promise.reject(gone());
  });
  expect(await read).toBe("read");
  expect(asked).toEqual([
    [base, shown],
    [base, base],
  ]);
});

it("fails once where the moment is the same", async () => {
  const { moments } = open();
  let asked = 0;
  const read = moments.readAt(sessionId, ["live"], () => {
    asked += 1;
    return Promise.reject(gone());
  });
  await expect(read).rejects.toMatchObject({ code: "checkpoint.not-found" });
  expect(asked).toBe(1);
});
