import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { newId } from "@background-agents/shared/ids";
import type { SessionEvent } from "@background-agents/shared/protocol/session-events";
import type { ReviewComment } from "@background-agents/shared/reviews/comment";
import type { Prompt, Session } from "@background-agents/shared/sessions/session";
import { afterEach, expect, test } from "vitest";
import type { FakeTurn } from "../src/testing/fake-supervisor.ts";
import { makeRepository, startTestServer, type TestServer, type Watcher } from "../src/testing/test-server.ts";

let server: TestServer;
afterEach(() => server.close());

interface Turn {
  /** Path → content after the turn. */
  files?: Record<string, string>;
  /** What the agent says at its end. */
  said?: string;
  /** Ends without having done it. */
  fails?: boolean;
}

/** An agent that does these things, turn by turn, and keeps the prompts it was given. */
function scripted(turns: Turn[], given: string[] = []) {
  let next = 0;
  return async ({ supervisor, deliver, checkpoint }: FakeTurn): Promise<void> => {
    const ids = { promptId: deliver.promptId, turnId: deliver.turnId };
    const { files = {}, said, fails } = turns[next++] ?? {};
    given.push(deliver.text);
    await supervisor.report({ kind: "turn.started", ...ids, messageId: "msg_1" });
    if (said !== undefined) {
      const part = { partId: `prt_${next}`, kind: "text" as const, index: 0, text: said };
      await supervisor.report({ kind: "part.settled", ...ids, part });
    }
    let checkpointId: string | undefined;
    for (const [path, content] of Object.entries(files)) checkpointId = await checkpoint(path, content);
    const saved = checkpointId === undefined ? {} : { checkpointId: checkpointId as never };
    const end = fails
      ? { outcome: "failed" as const, error: { code: "model.failed", message: "The model gave up." } }
      : { outcome: "completed" as const };
    await supervisor.report({ kind: "turn.ended", ...ids, ...end, ...saved, durationMs: 1 });
  };
}

const lines = (...texts: string[]) => `${texts.join("\n")}\n`;
const CODE = lines("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten");

let session: Session;
let watcher: Watcher;

async function begin(text: string): Promise<void> {
  const path = makeRepository(server.reposDir, "example");
  writeFileSync(join(path, "code.txt"), CODE);
  execFileSync("git", ["-C", path, "add", "-A"]);
  execFileSync("git", ["-C", path, "commit", "--quiet", "-m", "Code"]);
  const body = { repository: path, model: "demo/scripted", prompt: { text } };
  session = ((await server.call("POST", "/api/sessions", body)).body as { session: Session }).session;
  watcher = await server.watch(session.id, 0);
  await turnEnded(1);
}

/** Waits for the end of the n-th turn. */
async function turnEnded(times: number): Promise<void> {
  let seen = 0;
  await watcher.waitFor(
    (frame) => frame.type === "event" && frame.event.type === "prompt.completed" && ++seen === times,
  );
}

async function prompt(text: string, turn: number): Promise<void> {
  await server.call("POST", `/api/sessions/${session.id}/prompts`, { text });
  await turnEnded(turn);
}

const call = (method: string, rest: string, body?: unknown) =>
  server.call(method, `/api/sessions/${session.id}/comments${rest}`, body);

async function comment(text: string, place: Record<string, unknown>): Promise<ReviewComment> {
  const answer = await call("POST", "", { path: "code.txt", side: "new", text, ...place });
  expect(answer.status).toBe(201);
  return (answer.body as { comment: ReviewComment }).comment;
}

async function list(): Promise<ReviewComment[]> {
  return ((await call("GET", "")).body as { comments: ReviewComment[] }).comments;
}

async function readSession(): Promise<Session> {
  return ((await server.call("GET", `/api/sessions/${session.id}`)).body as { session: Session }).session;
}

const resolvedEvents = (): SessionEvent[] => watcher.events.filter(({ type }) => type === "comment.resolved");

async function resolutions(count: number): Promise<void> {
  let seen = 0;
  await watcher.waitFor(
    (frame) => frame.type === "event" && frame.event.type === "comment.resolved" && ++seen === count,
  );
}

test("comments go to the agent as one prompt and end addressed, answered or open", async () => {
  const given: string[] = [];
  const first = CODE.replace("three", "THREE").replace("nine", "NINE");
  server = await startTestServer({
    onTurn: scripted(
      [
        { files: { "code.txt": first } },
        {
          files: { "code.txt": `zero\n${first.replace("THREE", "drei")}` },
          said: "Renamed it.\n\nC2: Nine is right as it is.\n\nDone.",
        },
        { files: { "code.txt": `zero\n${first.replace("THREE", "drei").replace("six", "sechs")}` } },
      ],
      given,
    ),
  });
  await begin("start");
  const { lastCheckpointId: at } = await readSession();
  const three = await comment("In German, please.", { lines: { start: 3, end: 3 }, at });
  expect(three).toMatchObject({
    status: "draft",
    anchor: { quote: "THREE", at },
    current: { path: "code.txt", lines: { start: 3, end: 3 } },
  });
  const nine = await comment("Why so loud?", { lines: { start: 9, end: 9 }, at });
  const six = await comment("This too.", { lines: { start: 5, end: 6 }, at });
  expect((await readSession()).openComments).toBe(3);

  const body = { id: newId("prompt"), message: "A few things." };
  const sent = await call("POST", "/send", body);
  expect(sent.status).toBe(202);
  const answer = sent.body as { prompt: Prompt; comments: ReviewComment[] };
  expect(answer.comments.map(({ status, promptId }) => [status, promptId])).toEqual(
    Array.from({ length: 3 }, () => ["sent", body.id]),
  );
  const told = (await watcher.waitForEvent("comment.sent")).data;
  expect(told).toMatchObject({
    commentIds: [three.id, nine.id, six.id],
    review: {
      message: "A few things.",
      comments: [
        { path: "code.txt", side: "new", lines: { start: 3, end: 3 }, text: "In German, please.", outdated: false },
        { text: "Why so loud?" },
        { text: "This too." },
      ],
    },
  });
  expect((await call("POST", "/send", body)).body).toMatchObject({ prompt: { id: body.id } });
  expect((await call("POST", "/send", { ...body, message: "Other." })).status).toBe(409);
  expect(await call("POST", "/send", {})).toMatchObject({
    status: 409,
    body: { error: { code: "comment.nothing-to-send" } },
  });

  await resolutions(2);
  expect(given).toHaveLength(2);
  expect(given[1]).toMatch(/^A few things\.\n\nHere are 3 review comments/);
  expect(given[1]).toContain("C1 · code.txt, line 3\n```\nTHREE\n```\nIn German, please.");
  expect(given[1]).toContain("C3 · code.txt, lines 5–6\n```\nfive\nsix\n```\nThis too.");
  expect(await list()).toMatchObject([
    {
      ...{ id: three.id, status: "addressed", current: null },
      outcome: { promptId: body.id, hunk: expect.stringContaining("-THREE\n+drei") as string, answer: null },
    },
    {
      ...{ id: nine.id, status: "answered", current: { lines: { start: 10, end: 10 } } },
      outcome: { hunk: null, answer: "Nine is right as it is." },
    },
    { id: six.id, status: "sent", current: { lines: { start: 6, end: 7 } }, outcome: null },
  ]);
  expect((await readSession()).openComments).toBe(1);

  await prompt("And six.", 3);
  await resolutions(3);
  const { lastCheckpointId } = await readSession();
  expect((await list())[2]).toMatchObject({
    status: "addressed",
    outcome: { checkpointId: lastCheckpointId, hunk: expect.stringContaining("+sechs") as string },
  });
  expect((await readSession()).openComments).toBe(0);
  expect(resolvedEvents()).toHaveLength(3);
});

test("a draft is edited and removed; what was sent is not; closed ones are opened again and wait for new work", async () => {
  server = await startTestServer({
    onTurn: scripted([
      { files: { "code.txt": CODE.replace("two", "TWO") } },
      { files: { "code.txt": CODE.replace("two", "zwei") } },
      { files: { "other.txt": "x\n" } },
      { files: { "code.txt": CODE.replace("two", "deux") } },
    ]),
  });
  await begin("start");
  const { lastCheckpointId: at } = await readSession();
  const body = { id: newId("comment"), path: "code.txt", side: "new", lines: { start: 2, end: 2 }, at, text: "Hm." };
  const [made, atOnce] = await Promise.all([call("POST", "", body), call("POST", "", body)]);
  expect(atOnce).toEqual(made);
  expect(await call("POST", "", body)).toEqual(made);
  expect(watcher.events.filter(({ type }) => type === "comment.added")).toHaveLength(1);
  expect((await call("POST", "", { ...body, text: "Other." })).status).toBe(409);
  expect((await call("PATCH", `/${body.id}`, { text: "Translate." })).body).toMatchObject({
    comment: { text: "Translate." },
  });
  const draft = await comment("Not this.", { lines: { start: 1, end: 1 }, at });
  expect((await call("DELETE", `/${draft.id}`)).status).toBe(204);
  expect((await call("DELETE", `/${draft.id}`)).status).toBe(404);
  const unsent = await comment("Never sent.", { lines: { start: 1, end: 1 }, at });
  expect((await call("PATCH", `/${unsent.id}`, { status: "resolved" })).body).toMatchObject({
    comment: { status: "resolved" },
  });
  expect((await call("PATCH", `/${unsent.id}`, { status: "sent" })).body).toMatchObject({
    comment: { status: "draft" },
  });

  await call("POST", "/send", { commentIds: [body.id] });
  expect(await call("PATCH", `/${body.id}`, { text: "Late." })).toMatchObject({
    status: 409,
    body: { error: { code: "comment.not-draft" } },
  });
  expect((await call("DELETE", `/${body.id}`)).status).toBe(409);
  await resolutions(2);
  const state = async () => (await list()).find(({ id }) => id === body.id)?.status;
  expect(await state()).toBe("addressed");

  await call("PATCH", `/${body.id}`, { status: "sent" });
  expect(await state()).toBe("sent");
  await prompt("Something else.", 3);
  expect(await state()).toBe("sent");
  await prompt("French.", 4);
  await resolutions(3);
  expect(await state()).toBe("addressed");
  expect((await readSession()).openComments).toBe(1);
});

test("comments on removed lines, on renamed files, and on what is not there", async () => {
  server = await startTestServer({
    onTurn: scripted([
      { files: { "code.txt": CODE.replace("four\nfive\n", "") } },
      { files: { "code.txt": CODE.replace("five\n", "") } },
    ]),
  });
  await begin("start");
  const { lastCheckpointId: at } = await readSession();
  const removed = await comment("Keep four.", { side: "old", at: "base", lines: { start: 4, end: 4 } });
  expect(removed).toMatchObject({ current: null, anchor: { quote: "four" } });
  const kept = await comment("About seven.", { side: "old", at: "base", lines: { start: 7, end: 7 } });
  expect(kept).toMatchObject({ current: { lines: { start: 5, end: 5 } } });
  await call("POST", "/send", {});
  await resolutions(1);
  expect(await list()).toMatchObject([
    { id: removed.id, status: "addressed", outcome: { hunk: expect.stringContaining("+four") as string } },
    { id: kept.id, status: "sent" },
  ]);

  const refusals: [Record<string, unknown>, string][] = [
    [{ lines: { start: 1, end: 1 }, at, path: "nothing.txt" }, "file.not-found"],
    [{ lines: { start: 9, end: 99 }, at }, "request.invalid"],
    [{ lines: { start: 3, end: 2 }, at }, "request.invalid"],
    [{ lines: { start: 1, end: 1 }, at: newId("checkpoint") }, "checkpoint.not-found"],
    [{ lines: { start: 1, end: 1 }, at, text: "  " }, "request.invalid"],
  ];
  for (const [place, code] of refusals) {
    const refused = await call("POST", "", { path: "code.txt", side: "new", text: "x", ...place });
    expect(refused.body).toMatchObject({ error: { code } });
  }
});

test("comments whose prompt was taken back wait to be sent again; the tracking goes on after a restart", async () => {
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  const agent = scripted([
    { files: { "code.txt": CODE.replace("two", "TWO") } },
    { files: { "other.txt": "x\n" } },
    { files: { "code.txt": CODE.replace("two", "zwei") } },
  ]);
  let turns = 0;
  server = await startTestServer({
    onTurn: async (turn) => {
      if (++turns === 2) await released;
      await agent(turn);
    },
  });
  await begin("start");
  const { lastCheckpointId: at } = await readSession();
  await server.call("POST", `/api/sessions/${session.id}/prompts`, { text: "Long work." });
  const made = await comment("Translate.", { lines: { start: 2, end: 2 }, at });
  const first = (await call("POST", "/send", {})).body as { prompt: Prompt };
  expect((await list())[0]).not.toHaveProperty("sendable");
  await server.call("DELETE", `/api/sessions/${session.id}/prompts/${first.prompt.id}`);
  expect(await list()).toMatchObject([{ id: made.id, status: "sent", sendable: "next" }]);
  const second = (await call("POST", "/send", {})).body as { prompt: Prompt; comments: ReviewComment[] };
  expect(second.comments).toMatchObject([{ id: made.id, status: "sent", promptId: second.prompt.id }]);

  const containers = [...server.provider.containers.values()];
  server = await server.restart();
  for (const { supervisor } of containers) await supervisor?.reconnect();
  watcher = await server.watch(session.id, 0);
  release();
  await resolutions(1);
  expect(await list()).toMatchObject([{ id: made.id, status: "addressed", outcome: { promptId: second.prompt.id } }]);
});

test("what a turn left open is sent again where it is named, and only there", async () => {
  server = await startTestServer({
    onTurn: scripted([
      { files: { "code.txt": CODE.replace("two", "TWO") } },
      { fails: true },
      { files: { "code.txt": CODE.replace("two", "zwei") } },
    ]),
  });
  await begin("start");
  const { lastCheckpointId: at } = await readSession();
  const { id } = await comment("Translate.", { lines: { start: 2, end: 2 }, at });
  expect((await list())[0]?.sendable).toBe("next");
  await call("POST", "/send", {});
  await watcher.waitForEvent("prompt.failed");
  expect(await list()).toMatchObject([{ id, status: "sent", sendable: "again" }]);
  expect((await call("POST", "/send", {})).body).toMatchObject({ error: { code: "comment.nothing-to-send" } });

  const again = (await call("POST", "/send", { commentIds: [id] })).body as { prompt: Prompt };
  await resolutions(1);
  expect(await list()).toMatchObject([{ id, status: "addressed", outcome: { promptId: again.prompt.id } }]);
  expect((await list())[0]).not.toHaveProperty("sendable");
  expect(await call("POST", "/send", { commentIds: [id] })).toMatchObject({
    status: 409,
    body: { error: { code: "comment.not-draft" } },
  });
  await call("PATCH", `/${id}`, { status: "sent" });
  expect(await list()).toMatchObject([{ id, status: "sent", sendable: "again" }]);
  expect((await readSession()).openComments).toBe(1);
});
