import { execFileSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ChangesAnswer, CheckpointsAnswer } from "@background-agents/shared/protocol/commands";
import type { ChangedFile, Session } from "@background-agents/shared/sessions/session";
import { afterEach, expect, test } from "vitest";
import type { z } from "zod";
import type { FakeTurn } from "../src/testing/fake-supervisor.ts";
import { makeRepository, startTestServer, type TestServer, type Watcher } from "../src/testing/test-server.ts";

let server: TestServer;
afterEach(() => server.close());

/** What the prompt says is done: `write <path> <text>`, `show <path> <text>` while it runs; then `wait` until released. */
function agent(released: Promise<void> = Promise.resolve()) {
  return async (turn: FakeTurn): Promise<void> => {
    const { promptId, turnId, text } = turn.deliver;
    const ids = { promptId, turnId };
    await turn.supervisor.report({ kind: "turn.started", ...ids, messageId: "msg_1" });
    let checkpointId: string | undefined;
    for (const [verb, path = "", ...words] of text.split("\n").map((line) => line.split(" "))) {
      const content = `${words.join(" ").replaceAll("|", "\n")}\n`;
      if (verb === "show") await turn.live(path, content);
      if (verb === "wait") await released;
      if (verb === "write") checkpointId = await turn.checkpoint(path, content);
    }
    const saved = checkpointId === undefined ? {} : { checkpointId: checkpointId as never };
    await turn.supervisor.report({ kind: "turn.ended", ...ids, outcome: "completed", ...saved, durationMs: 1 });
  };
}

async function begin(text: string): Promise<{ session: Session; watcher: Watcher; path: string }> {
  const path = makeRepository(server.reposDir, "example");
  const created = await server.call("POST", "/api/sessions", {
    repository: path,
    model: "demo/scripted",
    prompt: { text },
  });
  const { session } = created.body as { session: Session };
  return { session, path, watcher: await server.watch(session.id, 0) };
}

const get = (session: Session, rest: string) => server.call("GET", `/api/sessions/${session.id}/${rest}`);

async function changes(session: Session, query = ""): Promise<ChangedFile[]> {
  const answer = await get(session, `changes${query}`);
  expect(answer.status).toBe(200);
  return (answer.body as z.infer<typeof ChangesAnswer>).files;
}

function fetchContent(session: Session, query: string): Promise<Response> {
  return fetch(`${server.base}/api/sessions/${session.id}/content?${query}`, {
    headers: { authorization: `Bearer ${server.token}` },
  });
}

test("the running turn's changes are told, kept over a restart, and gone with the turn", async () => {
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  server = await startTestServer({
    onTurn: agent(released),
  });
  const { session, watcher } = await begin("show a.txt one\nshow a.txt one|two\nwait\nwrite b.txt b");
  const told = await watcher.waitFor((frame) => frame.type === "live" && frame.live?.additions === 2);
  expect(told).toMatchObject({ live: { files: 1, additions: 2, deletions: 0 } });
  expect(await changes(session)).toEqual([]);
  expect(await changes(session, "?to=live")).toMatchObject([{ path: "a.txt", additions: 2 }]);
  expect((await get(session, "diff?to=live&path=a.txt")).body).toContain("+two");
  expect(await (await fetchContent(session, "at=live&path=a.txt")).text()).toBe("one\ntwo\n");
  expect((await server.watch(session.id)).frames[0]).toMatchObject({ type: "snapshot", live: { files: 1 } });

  const containers = [...server.provider.containers.values()];
  server = await server.restart();
  for (const { supervisor } of containers) await supervisor?.reconnect();
  const again = await server.watch(session.id);
  expect(again.frames[0]).toMatchObject({ type: "snapshot", live: { files: 1, additions: 2 } });
  expect(await changes(session, "?to=live")).toMatchObject([{ path: "a.txt", additions: 2 }]);

  release();
  await again.waitForEvent("prompt.completed");
  await again.waitFor((frame) => frame.type === "live" && frame.live === null);
  expect(await changes(session, "?to=live")).toMatchObject([{ path: "a.txt" }, { path: "b.txt" }]);
  const quarantine = join(server.dataDir, "quarantine", session.id);
  const refs = execFileSync("git", ["-C", join(quarantine, "repository.git"), "for-each-ref", "--format=%(refname)"]);
  expect(refs.toString().trim()).toMatch(/^refs\/checkpoints\/chk_\w+$/);
  await server.close();
  expect(existsSync(join(quarantine, "live.git"))).toBe(false);
});

test("live changes of a turn that is over, or of another one, are refused", async () => {
  let refusal: unknown;
  let first: FakeTurn | undefined;
  server = await startTestServer({
    onTurn: async (turn) => {
      if (first) refusal = await first.live("late.txt", "late").catch((error: unknown) => error);
      first ??= turn;
      await agent()(turn);
    },
  });
  const { session, watcher } = await begin("write a.txt a");
  await watcher.waitForEvent("prompt.completed");
  await server.call("POST", `/api/sessions/${session.id}/prompts`, { text: "write b.txt b" });
  let ends = 0;
  await watcher.waitFor((frame) => frame.type === "event" && frame.event.type === "prompt.completed" && ++ends === 2);
  expect(String(refusal)).toContain("not running any more");
  expect(watcher.frames.some((frame) => frame.type === "live" && frame.live !== null)).toBe(false);
});

test("changes since the last look, and files marked as viewed until they change", async () => {
  server = await startTestServer({ onTurn: agent() });
  const { session, watcher } = await begin("write a.txt one\nwrite b.txt b");
  await watcher.waitForEvent("prompt.completed");
  const { checkpoints } = (await get(session, "checkpoints")).body as z.infer<typeof CheckpointsAnswer>;
  const looked = await server.call("PATCH", `/api/sessions/${session.id}`, { lookedCheckpointId: checkpoints[0]?.id });
  expect((looked.body as { session: Session }).session.lookedCheckpointId).toBe(checkpoints[0]?.id);
  expect(await changes(session, "?from=looked")).toMatchObject([{ path: "b.txt" }]);
  const unknown = { lookedCheckpointId: "chk_01jd00000000000000000000zz" };
  expect((await server.call("PATCH", `/api/sessions/${session.id}`, unknown)).status).toBe(404);

  const [a] = await changes(session);
  const mark = (viewed: boolean) =>
    server.call("PUT", `/api/sessions/${session.id}/viewed`, { path: "a.txt", blob: a?.newBlob, viewed });
  expect((await mark(true)).status).toBe(204);
  const viewed = async () => (await changes(session)).map((file) => file.viewed);
  expect(await viewed()).toEqual([true, false]);
  await mark(false);
  expect(await viewed()).toEqual([false, false]);
  await mark(true);
  await server.call("POST", `/api/sessions/${session.id}/prompts`, { text: "write a.txt two" });
  let ends = 0;
  await watcher.waitFor((frame) => frame.type === "event" && frame.event.type === "prompt.completed" && ++ends === 2);
  expect(await viewed()).toEqual([false, false]);
});

test("contents are served so that opened as a page they can do nothing; the base is there before any checkpoint", async () => {
  server = await startTestServer({ onTurn: agent() });
  const path = makeRepository(server.reposDir, "example");
  writeFileSync(join(path, "page.html"), "<script>alert(1)</script>");
  writeFileSync(join(path, "drawing.svg"), "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>");
  writeFileSync(join(path, "dot.gif"), Buffer.from("GIF89a\0\0\0\0", "latin1"));
  writeFileSync(join(path, "fake.png"), "<script>alert(1)</script>");
  writeFileSync(join(path, "bytes"), Buffer.from([0, 1, 2]));
  execFileSync("git", ["-C", path, "add", "-A"]);
  execFileSync("git", ["-C", path, "commit", "--quiet", "-m", "Files"]);
  const created = await server.call("POST", "/api/sessions", { repository: path, model: "demo/scripted" });
  const { session } = created.body as { session: Session };
  const told = async (name: string) => {
    const answer = await fetchContent(session, `at=base&path=${name}`);
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
    expect(answer.headers.get("content-security-policy")).toMatch(/^sandbox; default-src 'none'/);
    return [answer.status, answer.headers.get("content-type"), answer.headers.get("content-disposition")];
  };
  expect(await told("page.html")).toEqual([200, "text/plain; charset=utf-8", "attachment"]);
  expect(await told("drawing.svg")).toEqual([200, "image/svg+xml", "attachment"]);
  expect(await told("dot.gif")).toEqual([200, "image/gif", "inline"]);
  expect(await told("fake.png")).toEqual([200, "text/plain; charset=utf-8", "attachment"]);
  expect(await told("bytes")).toEqual([200, "application/octet-stream", "attachment"]);
  const missing = await get(session, "content?at=base&path=nothing");
  expect(missing).toMatchObject({ status: 404, body: { error: { code: "file.not-found" } } });
});
