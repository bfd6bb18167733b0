import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import type { Session } from "@background-agents/shared/sessions/session";
import { makeRepository, startTestServer, type TestServer } from "../src/testing/test-server.ts";

let server: TestServer | undefined;
afterEach(() => server?.close());

test("a sandbox that lost its volumes gets the last checkpoint's commits from the hub, complete above the base", async () => {
  const got: { status: number; body: Buffer }[] = [];
  const restores: unknown[] = [];
  const running = (server = await startTestServer({
    onTurn: async (turn) => {
      const ids = { promptId: turn.deliver.promptId, turnId: turn.deliver.turnId };
      await turn.supervisor.report({ kind: "turn.started", ...ids, messageId: "msg_1" });
      restores.push(turn.supervisor.spec.restore);
      got.push(await turn.supervisor.get("/restore/bundle"));
      const checkpointId = (await turn.checkpoint(`${turn.deliver.text}.txt`, "kept\n")) as never;
      await turn.supervisor.report({ kind: "turn.ended", ...ids, outcome: "completed", checkpointId, durationMs: 1 });
    },
  }));
  const path = makeRepository(running.reposDir, "example");
  const body = { repository: path, model: "demo/scripted", prompt: { text: "one" } };
  const { session } = (await running.call("POST", "/api/sessions", body)).body as { session: Session };
  const watcher = await running.watch(session.id, 0);
  await watcher.waitForEvent("branch.published");

  // The container is gone; the next prompt gets a new one, whose clone begins at the base again.
  running.provider.kill(session.id, 1);
  await watcher.waitForEvent("sandbox.failed");
  await running.call("POST", `/api/sessions/${session.id}/prompts`, { text: "two" });
  let completed = 0;
  await watcher.waitFor(
    (frame) => frame.type === "event" && frame.event.type === "prompt.completed" && ++completed === 2,
  );

  expect(got[0]?.status).toBe(404);
  expect(restores[0]).toBeUndefined();
  const checkpoint = watcher.events.find((event) => event.type === "checkpoint.created");
  expect(restores[1]).toMatchObject(
    checkpoint?.type === "checkpoint.created" ? { commit: checkpoint.data.commit } : {},
  );
  const directory = mkdtempSync(join(tmpdir(), "restore-"));
  try {
    writeFileSync(join(directory, "bundle"), got[1]?.body ?? "");
    execFileSync("git", ["clone", "--quiet", path, join(directory, "tree")], { stdio: "pipe" });
    const heads = execFileSync("git", ["-C", join(directory, "tree"), "bundle", "list-heads", "../bundle"]).toString();
    expect(heads.split(" ")[0]).toBe((restores[1] as { commit: string }).commit);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
