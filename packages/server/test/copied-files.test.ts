import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import type { CopiedFilesAnswer } from "@background-agents/shared/protocol/commands";
import type { Session } from "@background-agents/shared/sessions/session";
import type { FakeTurn } from "../src/testing/fake-supervisor.ts";
import { makeRepository, startTestServer, type TestServer } from "../src/testing/test-server.ts";

let server: TestServer;
afterEach(() => server.close());

/** What the sandbox was told and got, at the session's first turn. */
let got: { copiesFiles: boolean | undefined; status: number; lines: string[] };

async function look({ supervisor, deliver }: FakeTurn): Promise<void> {
  const ids = { promptId: deliver.promptId, turnId: deliver.turnId };
  await supervisor.report({ kind: "turn.started", ...ids, messageId: "msg_1" });
  const { status, body } = await supervisor.get("/restore/files");
  const lines = status === 200 ? body.toString().split("\n").filter(Boolean) : [];
  got = { copiesFiles: supervisor.spec.copiesFiles, status, lines };
  await supervisor.report({ kind: "turn.ended", ...ids, outcome: "completed", durationMs: 1 });
}

async function startSession(repository: string): Promise<Session> {
  const body = { repository, model: "demo/scripted", prompt: { text: "look" } };
  const { session } = (await server.call("POST", "/api/sessions", body)).body as { session: Session };
  const watcher = await server.watch(session.id, 0);
  await watcher.waitForEvent("prompt.completed");
  return session;
}

test("a session gets the ignored files of the repository's list, as they are when its sandbox starts", async () => {
  server = await startTestServer({ onTurn: look });
  const repository = makeRepository(server.reposDir, "example");
  writeFileSync(join(repository, ".git/info/exclude"), ".env\nlater.env\n");
  writeFileSync(join(repository, ".env"), "KEY=1\n");
  const first = await startSession(repository);
  expect(first.copiedFiles).toEqual([]);
  expect(got).toEqual({ copiesFiles: undefined, status: 404, lines: [] });

  const at = `/api/repositories/${first.repository.id}`;
  expect(await server.call("PATCH", at, { copyPatterns: [".env"] })).toMatchObject({ status: 200 });
  const answer = await server.call("GET", `${at}/copied-files`);
  expect(answer).toEqual({
    status: 200,
    body: { copyPatterns: [".env"], includeFile: [], files: [{ path: ".env", bytes: 6 }], leftOut: [] },
  });
  writeFileSync(join(repository, ".worktreeinclude"), "later.env\n");
  expect(((await server.call("GET", `${at}/copied-files`)).body as CopiedFilesAnswer).includeFile).toEqual([
    "later.env",
  ]);

  const second = await startSession(repository);
  expect(second.copiedFiles).toEqual([".env"]);
  expect(got).toMatchObject({ copiesFiles: true, status: 200 });
  expect(got.lines.map((line) => JSON.parse(line) as object)).toEqual([
    { path: ".env", mode: "100644", content: Buffer.from("KEY=1\n").toString("base64") },
  ]);
  const fork = await server.call("POST", `/api/sessions/${second.id}/fork`, {});
  expect((fork.body as { session: Session }).session.copiedFiles).toEqual([".env"]);
});

test("a .worktreeinclude that is no small file is left alone", async () => {
  server = await startTestServer({ onTurn: look });
  const repository = makeRepository(server.reposDir, "example");
  writeFileSync(join(repository, ".git/info/exclude"), ".env\n");
  writeFileSync(join(repository, ".env"), "KEY=1\n");
  writeFileSync(join(repository, ".worktreeinclude"), `.env\n${"x".repeat(70_000)}\n`);
  expect((await startSession(repository)).copiedFiles).toEqual([]);
});
