import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { newId } from "@background-agents/shared/ids";
import type { Session } from "@background-agents/shared/sessions/session";
import type { FakeTurn } from "../src/testing/fake-supervisor.ts";
import { makeRepository, startTestServer, type TestServer } from "../src/testing/test-server.ts";

let server: TestServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

const idsOf = (turn: FakeTurn) => ({ promptId: turn.deliver.promptId, turnId: turn.deliver.turnId });

/** A turn that begins and goes on until it is stopped. */
async function endless(turn: FakeTurn): Promise<void> {
  await turn.supervisor.report({ kind: "turn.started", ...idsOf(turn), messageId: "msg_1" });
  await turn.stopped;
  await turn.supervisor.report({ kind: "turn.ended", ...idsOf(turn), outcome: "interrupted", durationMs: 1 });
}

async function open(onTurn: (turn: FakeTurn) => Promise<void>) {
  const started = await startTestServer({ onTurn });
  server = started;
  return { server: started, path: makeRepository(started.reposDir, "example") };
}

async function create(running: TestServer, path: string): Promise<Session> {
  const body = { repository: path, model: "demo/scripted", prompt: { text: "work" } };
  const answer = await running.call("POST", "/api/sessions", body);
  expect(answer.status).toBe(201);
  return (answer.body as { session: Session }).session;
}

test("what an agent wanted to push and cannot be removed keeps neither the server from starting nor the rest", async () => {
  const { server: running, path } = await open(endless);
  const placeOf = (session: Session) => join(running.dataDir, "quarantine", session.id, "pushes");
  const sessions = [await create(running, path), await create(running, path)] as const;
  for (const { id } of sessions) await (await running.watch(id, 0)).waitForEvent("prompt.started");
  const [stuck, left] = sessions.map(placeOf) as [string, string];
  // No directory at all: cannot be listed, whoever tries.
  mkdirSync(dirname(stuck), { recursive: true });
  writeFileSync(stuck, "");
  mkdirSync(join(left, "0123.git"), { recursive: true });
  server = await running.restart();
  expect(await server.call("GET", `/api/sessions/${sessions[0].id}`)).toMatchObject({ status: 200 });
  await expect.poll(() => readdirSync(left)).toEqual([]);
  expect(existsSync(stuck)).toBe(true);
});

describe("a turn under way", () => {
  test("stop ends it as interrupted; the next prompt works", async () => {
    const { server: running, path } = await open(endless);
    const session = await create(running, path);
    const watcher = await running.watch(session.id, 0);
    await watcher.waitForEvent("prompt.started");
    expect((await running.call("POST", `/api/sessions/${session.id}/stop`)).status).toBe(202);
    await watcher.waitForEvent("prompt.interrupted");
    const detail = await running.call("GET", `/api/sessions/${session.id}`);
    expect(detail.body).toMatchObject({ session: { status: "idle", statusReason: "stopped by you" } });
    expect((await running.call("POST", `/api/sessions/${session.id}/stop`)).status).toBe(409);

    await running.call("POST", `/api/sessions/${session.id}/prompts`, { text: "again" });
    let starts = 0;
    await watcher.waitFor((frame) => frame.type === "event" && frame.event.type === "prompt.started" && ++starts === 2);
  });

  test("a container that dies fails the turn with the reason and its log; the next prompt gets a new container", async () => {
    const { server: running, path } = await open(endless);
    const session = await create(running, path);
    const watcher = await running.watch(session.id, 0);
    await watcher.waitForEvent("prompt.started");
    running.provider.kill(session.id, 137);
    const failed = await watcher.waitForEvent("prompt.failed");
    expect(failed.data).toMatchObject({ code: "sandbox.lost", message: expect.stringContaining("exit code 137") });
    const detail = await running.call("GET", `/api/sessions/${session.id}`);
    expect(detail.body).toMatchObject({
      session: { status: "failed", attention: "needs-you", sandbox: { status: "failed", logTail: "fake log" } },
    });
    await running.call("POST", `/api/sessions/${session.id}/prompts`, { text: "again" });
    let creations = 0;
    await watcher.waitFor(
      (frame) => frame.type === "event" && frame.event.type === "sandbox.creating" && ++creations === 2,
    );
  });

  test("an agent that does not obey a stop loses its container; the turn ends as interrupted, the next prompt works", async () => {
    const deaf = async (turn: FakeTurn): Promise<void> => {
      await turn.supervisor.report({ kind: "turn.started", ...idsOf(turn), messageId: "msg_1" });
    };
    const running = (server = await startTestServer({ onTurn: deaf, stopLimitMs: 50 }));
    const session = await create(running, makeRepository(running.reposDir, "example"));
    const watcher = await running.watch(session.id, 0);
    await watcher.waitForEvent("prompt.started");
    await running.call("POST", `/api/sessions/${session.id}/stop`);
    expect((await watcher.waitForEvent("stop.escalated")).data).toEqual({ step: "restart-container", afterMs: 50 });
    await watcher.waitForEvent("prompt.interrupted");
    await running.call("POST", `/api/sessions/${session.id}/prompts`, { text: "again" });
    let started = 0;
    await watcher.waitFor(
      (frame) => frame.type === "event" && frame.event.type === "prompt.started" && ++started === 2,
    );
  });

  test("a stopped sandbox is started again without a prompt, in a new container", async () => {
    const { server: running, path } = await open(async (turn) => {
      await turn.supervisor.report({ kind: "turn.started", ...idsOf(turn), messageId: "msg_1" });
      await turn.supervisor.report({ kind: "turn.ended", ...idsOf(turn), outcome: "completed", durationMs: 1 });
    });
    const session = await create(running, path);
    const watcher = await running.watch(session.id, 0);
    await watcher.waitForEvent("prompt.completed");
    running.provider.kill(session.id, 0);
    await watcher.waitForEvent("sandbox.failed");
    expect((await running.call("POST", `/api/sessions/${session.id}/resume`)).status).toBe(202);
    let ready = 0;
    await watcher.waitFor((frame) => frame.type === "event" && frame.event.type === "sandbox.ready" && ++ready === 2);
    expect(watcher.events.filter((event) => event.type === "prompt.started")).toHaveLength(1);
  });

  test("a restarted server adopts the container, and a browser that comes back misses nothing", async () => {
    let finish = (): void => undefined;
    const held = new Promise<void>((resolve) => (finish = resolve));
    const { server: running, path } = await open(async (turn) => {
      await turn.supervisor.report({ kind: "turn.started", ...idsOf(turn), messageId: "msg_1" });
      await held;
      const checkpointId = await turn.checkpoint("done.txt", "done\n");
      await turn.supervisor.report({
        kind: "turn.ended",
        ...idsOf(turn),
        outcome: "completed",
        checkpointId: checkpointId as never,
        durationMs: 1,
      });
    });
    const session = await create(running, path);
    const before = await running.watch(session.id, 0);
    const started = await before.waitForEvent("prompt.started");
    const again = await running.restart();
    server = again;
    const [container] = again.provider.containers.values();
    await container?.supervisor?.reconnect();
    const after = await again.watch(session.id, started.seq);
    finish();
    await after.waitForEvent("branch.published");
    const seqs = [...before.events, ...after.events].map((event) => event.seq);
    expect(seqs).toEqual(seqs.map((_seq, index) => index + 1));
    expect(again.provider.containers.size).toBe(1);
  });

  test("a container that is gone when the server comes back fails the turn; one of a session without a row goes, its volumes stay", async () => {
    const { server: running, path } = await open(endless);
    const session = await create(running, path);
    const watcher = await running.watch(session.id, 0);
    await watcher.waitForEvent("prompt.started");
    const [container] = running.provider.containers.values();
    if (!container) throw new Error("no container was made");
    container.supervisor?.close();
    running.provider.containers.clear();
    const orphan = newId("session");
    running.provider.containers.set("orphan", {
      handle: "orphan",
      sessionId: orphan,
      boot: newId("boot"),
      running: true,
      exitCode: null,
      outOfMemory: false,
      differences: [],
      order: container.order,
      supervisor: undefined,
    });
    const again = await running.restart();
    server = again;
    const detail = await again.call("GET", `/api/sessions/${session.id}`);
    expect(detail.body).toMatchObject({ session: { status: "failed" }, prompts: [{ status: "failed" }] });
    expect([...again.provider.containers.keys()]).not.toContain("orphan");
    // A backup of the database was put in place, perhaps: the volumes may hold work that it does not know of.
    expect(again.provider.removedVolumes).toEqual([]);
  });
});

describe("what stands in the way is said, and no session is stuck", () => {
  test("a missing image fails the prompt; the next one works once it is back", async () => {
    const { server: running, path } = await open(endless);
    running.provider.trouble = "image";
    const session = await create(running, path);
    const watcher = await running.watch(session.id, 0);
    const failed = await watcher.waitForEvent("prompt.failed");
    expect(failed.data).toMatchObject({ code: "image.missing" });
    const health = await running.call("GET", "/api/health");
    expect(health.body).toMatchObject({ status: "degraded" });
    running.provider.trouble = undefined;
    await running.call("POST", `/api/sessions/${session.id}/prompts`, { text: "again" });
    await watcher.waitForEvent("prompt.started");
  });

  test.each([
    ["repository.invalid", (repos: string) => ({ repository: join(repos, "missing") })],
    ["repository.invalid", (repos: string) => ({ repository: join(repos, "plain") })],
    ["repository.invalid", (repos: string) => ({ repository: join(repos, "example", "src") })],
    ["repository.invalid", () => ({ repository: "/" })],
    ["branch.not-found", (repos: string) => ({ repository: join(repos, "example"), baseBranch: "nope" })],
    ["branch.not-found", (repos: string) => ({ repository: join(repos, "example"), baseBranch: "--upload-pack=x" })],
    ["model.unknown", (repos: string) => ({ repository: join(repos, "example"), model: "demo/nope" })],
    ["model.unavailable", (repos: string) => ({ repository: join(repos, "example"), model: "anthropic/" })],
    ["request.invalid", (repos: string) => ({ repository: join(repos, "example"), prompt: { text: "  " } })],
    [
      "request.invalid",
      (repos: string) => ({ repository: join(repos, "example"), prompt: { text: "x".repeat(200_000) } }),
    ],
    ["request.invalid", (repos: string) => ({ repository: join(repos, "example"), surprise: 1 })],
  ])("%s", async (code, bodyOf) => {
    const { server: running, path } = await open(endless);
    mkdirSync(join(running.reposDir, "plain"));
    mkdirSync(join(path, "src"));
    writeFileSync(join(path, "src", "a"), "");
    const body: Record<string, unknown> = { model: "demo/scripted", ...bodyOf(running.reposDir) };
    if (body["model"] === "anthropic/") body["model"] = await firstUnavailable(running);
    const answer = await running.call("POST", "/api/sessions", body);
    expect(answer.body).toMatchObject({ error: { code, message: expect.stringMatching(/.{20}/) } });
    expect(answer.status).toBe(400);
    expect((await running.call("GET", "/api/sessions")).body).toMatchObject({ sessions: [] });
  });

  test("a repository without a commit", async () => {
    const { server: running } = await open(endless);
    const path = join(running.reposDir, "empty");
    execFileSync("git", ["init", "--quiet", path]);
    const answer = await running.call("POST", "/api/sessions", { repository: path, model: "demo/scripted" });
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ error: { message: expect.stringContaining("first commit") } });
  });
});

async function firstUnavailable(running: TestServer): Promise<string> {
  const { models } = (await running.call("GET", "/api/models")).body as {
    models: { id: string; available: boolean }[];
  };
  const found = models.find((model) => !model.available);
  if (!found) throw new Error("every model is available without a key");
  return found.id;
}
