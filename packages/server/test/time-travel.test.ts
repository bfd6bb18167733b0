import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { CheckpointId, newId } from "@background-agents/shared/ids";
import type { SessionEvent, SessionEventType } from "@background-agents/shared/protocol/session-events";
import type { Checkpoint, Session } from "@background-agents/shared/sessions/session";
import type { FakeTurn } from "../src/testing/fake-supervisor.ts";
import { makeRepository, startTestServer, type TestServer, type Watcher } from "../src/testing/test-server.ts";

let server: TestServer;
let repository: string;
let session: Session;
let watcher: Watcher;
/** Texts as the agent got them. */
let heard: string[] = [];
afterEach(() => server.close());

const git = (...args: string[]) => execFileSync("git", ["-C", repository, ...args], { encoding: "utf8" }).trim();
const idsOf = ({ deliver }: FakeTurn) => ({ promptId: deliver.promptId, turnId: deliver.turnId });

/** A turn on "write <path> <content>"; it ends with a checkpoint and a conversation that says what was heard. */
async function work(turn: FakeTurn): Promise<void> {
  heard.push(turn.deliver.text);
  await turn.supervisor.report({ kind: "turn.started", ...idsOf(turn), messageId: "msg_1" });
  const [, path = "", content = ""] = turn.deliver.text.split("\n", 1)[0]?.split(" ") ?? [];
  const checkpointId = CheckpointId.parse(await turn.checkpoint(path, content.replaceAll("|", "\n")));
  await turn.supervisor.put(`/conversation/${checkpointId}`, Buffer.from(JSON.stringify({ heard })));
  await turn.supervisor.report({
    kind: "turn.ended",
    ...idsOf(turn),
    outcome: "completed",
    checkpointId,
    durationMs: 1,
  });
}

async function open(onTurn = work): Promise<void> {
  heard = [];
  server = await startTestServer({ onTurn });
  repository = makeRepository(server.reposDir, "example");
  const body = { repository, model: "demo/scripted", title: "Travel" };
  ({ session } = (await server.call("POST", "/api/sessions", body)).body);
  watcher = await server.watch(session.id, 0);
}

const post = (verb: string, body: unknown, id = session.id) => server.call("POST", `/api/sessions/${id}/${verb}`, body);
const read = async (id = session.id) =>
  ((await server.call("GET", `/api/sessions/${id}`)).body as { session: Session }).session;
const checkpoints = async (id = session.id) =>
  ((await server.call("GET", `/api/sessions/${id}/checkpoints`)).body as { checkpoints: Checkpoint[] }).checkpoints;
const eventsOf = <T extends SessionEventType>(type: T, from = watcher) =>
  from.events.filter((event): event is Extract<SessionEvent, { type: T }> => event.type === type);
const untilCount = (type: SessionEventType, count: number) =>
  watcher.waitFor((frame) => frame.type === "event" && eventsOf(type).length >= count);
const supervisor = () => [...server.provider.containers.values()].findLast(({ running }) => running)?.supervisor;

/** One turn, until its work is on the branch. */
async function turn(text: string): Promise<Checkpoint> {
  const [ended, published] = [eventsOf("prompt.completed").length, eventsOf("branch.published").length];
  expect((await post("prompts", { text })).status).toBe(202);
  await untilCount("prompt.completed", ended + 1);
  await untilCount("branch.published", published + 1);
  return (await checkpoints()).at(-1) as Checkpoint;
}

const filesOnBranch = async () => git("ls-tree", "-r", "--name-only", (await read()).branch).split("\n");

describe("going back", () => {
  test("brings work, branch and sandbox to a turn; the next turn builds on it; going back again undoes it", async () => {
    await open();
    const first = await turn("write one.txt 1");
    const second = await turn("write two.txt 2");
    expect(second.parentId).toBe(first.id);

    const answer = await post("revert", { checkpoint: first.id });
    expect(answer).toMatchObject({ status: 200, body: { session: { lastCheckpointId: first.id }, checkpoint: first } });
    await untilCount("branch.published", 3);
    expect(await filesOnBranch()).toEqual(["README.md", "one.txt"]);
    expect(eventsOf("work.restored")[0]?.data).toMatchObject({
      ...{ reason: "revert", checkpointId: first.id, previousCheckpointId: second.id },
      ...{ generation: 1, conversation: true, files: 1, additions: 1 },
    });

    const third = await turn("write three.txt 3");
    expect(third).toMatchObject({ parentId: first.id, changes: { files: 2 } });
    expect(await filesOnBranch()).toEqual(["README.md", "one.txt", "three.txt"]);
    expect(heard.at(-1)).toBe("write three.txt 3");

    await post("revert", { checkpoint: second.id });
    await untilCount("branch.published", 5);
    expect(await filesOnBranch()).toEqual(["README.md", "one.txt", "two.txt"]);
    expect((await read()).changes).toMatchObject({ files: 2 });
  });

  test("goes to where the session began, on the branch too, and forward again", async () => {
    await open();
    const first = await turn("write one.txt 1");
    expect(await post("revert", { checkpoint: "base" })).toMatchObject({
      status: 200,
      body: { checkpoint: null, session: { lastCheckpointId: null, changes: null, lastCommit: session.baseCommit } },
    });
    await untilCount("branch.published", 2);
    expect(await filesOnBranch()).toEqual(["README.md"]);
    await post("revert", { checkpoint: eventsOf("work.restored")[0]?.data.previousCheckpointId });
    await untilCount("branch.published", 3);
    expect(await filesOnBranch()).toEqual(["README.md", "one.txt"]);
    expect((await turn("write two.txt 2")).parentId).toBe(first.id);
  });

  test("is refused while the agent works or a prompt waits, and for a checkpoint of nobody", async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    await open(async (one) => {
      if (one.deliver.text.includes("held")) await held;
      await work(one);
    });
    const first = await turn("write one.txt 1");
    await post("prompts", { text: "write held.txt 2" });
    const body = { checkpoint: first.id };
    expect(await post("revert", body)).toMatchObject({ status: 409, body: { error: { code: "session.busy" } } });
    expect(await post("discard", { files: [{ path: "one.txt" }] })).toMatchObject({ status: 409 });
    release();
    await untilCount("prompt.completed", 2);
    expect(await post("revert", { checkpoint: newId("checkpoint") })).toMatchObject({ status: 404 });
    expect(await post("revert", body)).toMatchObject({ status: 200 });
  });

  test("reaches a sandbox that was cut off, and one that a killed server never told", async () => {
    await open();
    const first = await turn("write one.txt 1");
    await turn("write two.txt 2");
    // The order goes nowhere: the link is down until after the restart.
    supervisor()?.cut();
    await post("revert", { checkpoint: first.id });
    await untilCount("branch.published", 3);
    const cut = supervisor();
    const containers = [...server.provider.containers.values()];
    server = await server.restart();
    expect(cut?.restores).toEqual([]);
    for (const container of containers) await container.supervisor?.reconnect();
    watcher = await server.watch(session.id, 0);
    await turn("write three.txt 3");
    expect(cut?.restores[0]).toMatchObject({ generation: 1, commit: first.commit, conversation: true });
    expect(await filesOnBranch()).toEqual(["README.md", "one.txt", "three.txt"]);
  });

  test("is told to a container that starts later, with what its volumes may lack", async () => {
    await open();
    const first = await turn("write one.txt 1");
    await turn("write two.txt 2");
    server.provider.kill(session.id, 1);
    await untilCount("sandbox.failed", 1);
    await post("revert", { checkpoint: first.id });
    await turn("write three.txt 3");
    expect(supervisor()?.spec).toMatchObject({
      restore: { checkpointId: first.id, commit: first.commit },
      restored: { generation: 1, checkpointId: first.id, conversation: true, conversationGeneration: 1 },
    });
    const conversation = await supervisor()?.get(`/restore/conversation?checkpoint=${first.id}`);
    expect(JSON.parse(conversation?.body.toString() ?? "")).toEqual({ heard: ["write one.txt 1"] });
  });
});

test("work of a turn that died comes too late once the user went back", async () => {
  let dead: FakeTurn["deliver"] | undefined;
  const refusals: string[] = [];
  await open(async (one) => {
    if (one.deliver.text === "die") {
      dead = one.deliver;
      await one.supervisor.report({ kind: "turn.started", ...idsOf(one), messageId: "msg_1" });
      server.provider.kill(session.id, 137);
      return;
    }
    if (dead) {
      // What the next supervisor finds of the dead turn in its volume.
      const head = one.git("rev-parse", "HEAD");
      const query = new URLSearchParams({ turn: dead.turnId, prompt: dead.promptId, commit: head }).toString();
      const upload = one.supervisor.put(`/bundle/${newId("checkpoint")}?${query}`, Buffer.alloc(0));
      await upload.catch((error: Error) => refusals.push(error.message));
    }
    await work(one);
  });
  const first = await turn("write one.txt 1");
  await post("prompts", { text: "die" });
  await untilCount("prompt.failed", 1);
  expect(await post("revert", { checkpoint: first.id })).toMatchObject({ status: 200 });
  const next = await turn("write two.txt 2");
  expect(refusals).toEqual([expect.stringContaining("422")]);
  expect(next.parentId).toBe(first.id);
});

describe("forking", () => {
  test("begins a session at a turn of another: objects, conversation, first start; the same id once", async () => {
    await open();
    const first = await turn("write one.txt 1");
    await turn("write two.txt 2");
    const body = { id: newId("session"), checkpoint: first.id, prompt: "write fork.txt 3" };
    const [made, atOnce] = await Promise.all([post("fork", body), post("fork", body)]);
    expect(made).toMatchObject({
      status: 201,
      body: {
        session: {
          ...{ id: body.id, lastCommit: first.commit, baseCommit: session.baseCommit },
          forkedFrom: { sessionId: session.id, checkpointId: first.id, title: "Travel" },
        },
      },
    });
    const same = { status: 201, body: { session: { id: body.id } } };
    expect([atOnce, await post("fork", body)]).toMatchObject([same, same]);
    expect(await post("fork", { ...body, title: "Other" })).toMatchObject({ status: 409 });

    const other = await server.watch(body.id, 0);
    await other.waitForEvent("prompt.completed");
    await other.waitForEvent("branch.published");
    const [fork] = await checkpoints(body.id);
    expect(fork).toMatchObject({ origin: "fork", commit: first.commit, parentId: null, changes: { files: 1 } });
    expect(supervisor()?.spec.restore).toEqual({ checkpointId: fork?.id, commit: first.commit, forked: true });
    const conversation = await supervisor()?.get(`/restore/conversation?checkpoint=${fork?.id}`);
    expect(JSON.parse(conversation?.body.toString() ?? "")).toEqual({ heard: ["write one.txt 1"] });
    expect((await supervisor()?.get(`/restore/bundle?checkpoint=${fork?.id}`))?.status).toBe(200);
    // Nothing of the later turn went along.
    const place = join(server.dataDir, "quarantine", body.id, "repository.git");
    expect(execFileSync("git", ["-C", place, "log", "--all", "--oneline", "--", "two.txt"]).toString()).toBe("");
  });

  test("of a session without a turn is a new session on the same base", async () => {
    await open();
    const { body } = await post("fork", {});
    const { session: fork } = body as { session: Session };
    expect(fork).toMatchObject({ baseCommit: session.baseCommit, lastCheckpointId: null, forkedFrom: null });
    expect(existsSync(join(server.dataDir, "quarantine", fork.id))).toBe(false);
  });
});

describe("discarding", () => {
  const LINES = Array.from({ length: 40 }, (_, line) => `line${line}`);
  const text = (changes: Record<number, string>) => LINES.map((line, at) => changes[at] ?? line).join("|");

  test("takes a file back, tells the agent, and is undone without touching its conversation", async () => {
    await open();
    await turn("write one.txt 1");
    const second = await turn("write two.txt 2");
    const answer = await post("discard", { files: [{ path: "one.txt" }] });
    const { checkpoint } = answer.body as { checkpoint: Checkpoint };
    expect(answer).toMatchObject({ status: 200 });
    expect(checkpoint).toMatchObject({ origin: "discard", parentId: second.id, changes: { files: 1 } });
    expect(eventsOf("work.restored")[0]?.data).toMatchObject({
      reason: "discard",
      paths: ["one.txt"],
      conversation: false,
    });
    await untilCount("branch.published", 3);
    expect(await filesOnBranch()).toEqual(["README.md", "two.txt"]);
    const message = git("log", "-1", "--format=%an <%ae>%n%B", checkpoint.commit);
    expect(message).toBe(
      `Ada Example <ada@example.org>\nDiscard changes to one.txt\n\nBackground-Agents-Session: ${session.id}`,
    );

    await turn("write three.txt 3");
    expect(heard.at(-1)).toMatch(
      /^write three.txt 3\n\n\[Since your last turn: the user discarded changes in one.txt;/,
    );
    expect(await filesOnBranch()).toEqual(["README.md", "three.txt", "two.txt"]);
    const prompts = (await server.call("GET", `/api/sessions/${session.id}`)).body as { prompts: { text: string }[] };
    expect(prompts.prompts.at(-1)?.text).toBe("write three.txt 3");
    await turn("write four.txt 4");
    expect(heard.at(-1)).toBe("write four.txt 4");

    await post("discard", { files: [{ path: "four.txt" }] });
    await post("revert", { checkpoint: eventsOf("work.restored").at(-1)?.data.previousCheckpointId });
    expect(eventsOf("work.restored").at(-1)?.data).toMatchObject({ reason: "revert", conversation: false });
    expect(await post("discard", { files: [{ path: "gone.txt" }] })).toMatchObject({ status: 404 });
  });

  test("takes one hunk back and leaves the others; refuses one that is not there any more", async () => {
    await open();
    const first = await turn(`write long.txt ${text({})}`);
    await turn(`write long.txt ${text({ 2: "TWO", 30: "THIRTY" })}`);
    const diff = (await server.call("GET", `/api/sessions/${session.id}/diff?from=${first.id}&path=long.txt`))
      .body as string;
    const hunks = [...diff.matchAll(/^@@.*$/gm)].map(([header]) => header);
    expect(hunks).toHaveLength(2);
    const body = { from: first.id, files: [{ path: "long.txt", hunks: [hunks[0]] }] };
    expect(await post("discard", body)).toMatchObject({ status: 200 });
    await untilCount("branch.published", 3);
    const content = git("show", `${(await read()).branch}:long.txt`);
    expect(content).toBe(text({ 30: "THIRTY" }).replaceAll("|", "\n"));
    expect(await post("discard", body)).toMatchObject({ status: 409, body: { error: { code: "work.conflicts" } } });
  });

  test("the same id discards once", async () => {
    await open();
    await turn("write one.txt 1");
    const body = { id: newId("job"), files: [{ path: "one.txt" }] };
    const [first, atOnce] = await Promise.all([post("discard", body), post("discard", body)]);
    const done = { status: 200, body: { checkpoint: (first.body as { checkpoint: object }).checkpoint } };
    expect([atOnce, await post("discard", body)]).toMatchObject([done, done]);
    expect(eventsOf("work.restored")).toHaveLength(1);
  });

  test("gives a fork and a rebuilt sandbox the conversation of the turn before", async () => {
    await open();
    await turn("write one.txt 1");
    await post("discard", { files: [{ path: "one.txt" }] });
    const conversation = await supervisor()?.get("/restore/conversation");
    expect(JSON.parse(conversation?.body.toString() ?? "")).toEqual({ heard: ["write one.txt 1"] });
    const { session: fork } = (await post("fork", { prompt: "write two.txt 2" })).body as { session: Session };
    const other = await server.watch(fork.id, 0);
    await other.waitForEvent("prompt.completed");
    await other.waitForEvent("branch.published");
    const copied = await supervisor()?.get(`/restore/conversation?checkpoint=${fork.lastCheckpointId}`);
    expect(JSON.parse(copied?.body.toString() ?? "")).toEqual({ heard: ["write one.txt 1"] });
  });
});
