import { execFileSync } from "node:child_process";
import { afterEach, expect, test } from "vitest";
import { newId } from "@background-agents/shared/ids";
import type { Session } from "@background-agents/shared/sessions/session";
import type { FakeTurn } from "../src/testing/fake-supervisor.ts";
import { makeRepository, startTestServer, type TestServer } from "../src/testing/test-server.ts";

/** Walks one prompt through the whole server, with a fake engine and supervisor: the best introduction to the code. */

let server: TestServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

/** An agent that thinks, says two words in three deltas, runs a command and writes a file. */
async function answer(turn: FakeTurn): Promise<void> {
  const { supervisor, deliver } = turn;
  const ids = { promptId: deliver.promptId, turnId: deliver.turnId };
  await supervisor.report({ kind: "turn.started", ...ids, messageId: "msg_1" });
  supervisor.send({
    type: "part",
    promptId: deliver.promptId,
    part: { partId: "p1", kind: "text", index: 0, text: "", rev: 0 },
  });
  supervisor.send({ type: "delta", promptId: deliver.promptId, partId: "p1", offset: 0, text: "Hel" });
  supervisor.send({ type: "delta", promptId: deliver.promptId, partId: "p1", offset: 3, text: "lo " });
  supervisor.send({ type: "delta", promptId: deliver.promptId, partId: "p1", offset: 3, text: "lo " });
  supervisor.send({ type: "delta", promptId: deliver.promptId, partId: "p1", offset: 6, text: deliver.text });
  await supervisor.report({
    kind: "part.settled",
    ...ids,
    part: { partId: "p1", kind: "text", index: 0, text: `Hello ${deliver.text}` },
  });
  await supervisor.report({ kind: "turn.saving", ...ids });
  const checkpointId = await turn.checkpoint("hello.txt", `${deliver.text}\n`);
  await supervisor.report({
    kind: "turn.ended",
    ...ids,
    outcome: "completed",
    checkpointId: checkpointId as never,
    durationMs: 5,
  });
}

test("a prompt travels from the request to a branch in the user's repository", async () => {
  server = await startTestServer({ onTurn: answer });
  const path = makeRepository(server.reposDir, "example");
  const body = {
    id: newId("session"),
    repository: path,
    model: "demo/scripted",
    prompt: { id: newId("prompt"), text: "world" },
  };
  const created = await server.call("POST", "/api/sessions", body);
  expect(created.status).toBe(201);
  const { session } = created.body as { session: Session };
  expect(session).toMatchObject({ id: body.id, title: "world", baseBranch: "main", status: "starting" });

  const watcher = await server.watch(session.id, 0);
  await watcher.waitForEvent("branch.published");

  expect(watcher.events.map((event) => event.type)).toEqual([
    "session.created",
    "prompt.queued",
    "sandbox.creating",
    "sandbox.booting",
    "sandbox.booting",
    "sandbox.ready",
    "prompt.starting",
    "prompt.started",
    "part.settled",
    "prompt.saving",
    "checkpoint.created",
    "prompt.completed",
    "branch.published",
  ]);
  expect(watcher.events.map((event) => event.seq)).toEqual(watcher.events.map((_event, index) => index + 1));

  // The repeated delta was dropped: what browsers are told is what was said.
  expect(watcher.frames.flatMap((frame) => (frame.type === "delta" ? [frame.text] : [])).join("")).toBe("Hello world");

  const detail = await server.call("GET", `/api/sessions/${session.id}`);
  expect(detail).toMatchObject({
    status: 200,
    body: {
      session: {
        status: "idle",
        attention: "review",
        changes: { files: 1, additions: 1, deletions: 0 },
        sandbox: { status: "ready" },
      },
      prompts: [{ status: "completed", text: "world" }],
    },
  });

  const show = execFileSync("git", ["-C", path, "show", "--format=%an <%ae>", `${session.branch}:hello.txt`]);
  expect(show.toString()).toContain("world");
  const author = execFileSync("git", ["-C", path, "log", "-1", "--format=%an <%ae>", session.branch]).toString();
  expect(author.trim()).toBe("Ada Example <ada@example.org>");
  expect(execFileSync("git", ["-C", path, "status", "--porcelain"]).toString()).toBe("");
  execFileSync("git", ["-C", path, "fsck", "--strict"], { stdio: "pipe" });

  const changes = await server.call("GET", `/api/sessions/${session.id}/changes`);
  expect(changes.body).toMatchObject({ files: [{ path: "hello.txt", status: "added", additions: 1 }] });
  const diff = await server.call("GET", `/api/sessions/${session.id}/diff?path=hello.txt`);
  expect(diff.body).toContain("+world");
});

test("the same create sent twice makes one session; the id with another body is refused", async () => {
  const running = await startTestServer({ onTurn: answer });
  server = running;
  const path = makeRepository(running.reposDir, "example");
  const prompt = { id: newId("prompt"), text: "x" };
  const body = { id: newId("session"), repository: path, model: "demo/scripted", prompt };
  const create = () => running.call("POST", "/api/sessions", body);
  const atOnce = await Promise.all([create(), create(), create()]);
  const later = await create();
  expect([...atOnce, later].map(({ status }) => status)).toEqual([201, 201, 201, 201]);
  const third = await server.call("POST", "/api/sessions", { ...body, title: "other" });
  expect(third).toMatchObject({ status: 409, body: { error: { code: "id.conflict" } } });
  const list = (await server.call("GET", "/api/sessions")).body as { sessions: Session[] };
  expect(list.sessions).toHaveLength(1);
});

test("a second prompt waits for the first and goes to the same sandbox; reports sent twice are recorded once", async () => {
  server = await startTestServer({
    onTurn: async (turn) => {
      // A link that breaks in the middle of every turn: the spool is sent again.
      await turn.supervisor.report({
        kind: "turn.started",
        promptId: turn.deliver.promptId,
        turnId: turn.deliver.turnId,
        messageId: "msg_1",
      });
      await turn.supervisor.reconnect();
      const checkpointId = await turn.checkpoint(`${turn.deliver.text}.txt`, turn.deliver.text);
      const ids = { promptId: turn.deliver.promptId, turnId: turn.deliver.turnId };
      await turn.supervisor.report({
        kind: "turn.ended",
        ...ids,
        outcome: "completed",
        checkpointId: checkpointId as never,
        durationMs: 1,
      });
    },
  });
  const path = makeRepository(server.reposDir, "example");
  const created = await server.call("POST", "/api/sessions", {
    repository: path,
    model: "demo/scripted",
    prompt: { text: "one" },
  });
  const { session } = created.body as { session: Session };
  const sent = await server.call("POST", `/api/sessions/${session.id}/prompts`, { text: "two" });
  expect(sent.status).toBe(202);
  const watcher = await server.watch(session.id, 0);
  let published = 0;
  await watcher.waitFor(
    (frame) => frame.type === "event" && frame.event.type === "branch.published" && ++published === 2,
  );
  const types = watcher.events.map((event) => event.type);
  expect(types.filter((type) => type === "prompt.started")).toHaveLength(2);
  expect(types.filter((type) => type === "prompt.completed")).toHaveLength(2);
  expect(types.filter((type) => type === "sandbox.creating")).toHaveLength(1);
  const files = execFileSync("git", ["-C", path, "ls-tree", "--name-only", session.branch]).toString();
  expect(files.trim().split("\n")).toEqual(["README.md", "one.txt", "two.txt"]);
});
