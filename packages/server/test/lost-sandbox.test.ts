import { afterEach, expect, test } from "vitest";
import type { SessionEvent } from "@background-agents/shared/protocol/session-events";
import type { SettledPart } from "@background-agents/shared/sessions/part";
import type { Session } from "@background-agents/shared/sessions/session";
import type { FakeTurn } from "../src/testing/fake-supervisor.ts";
import { makeRepository, startTestServer, type TestServer, type Watcher } from "../src/testing/test-server.ts";

let server: TestServer | undefined;
afterEach(() => server?.close());

const idsOf = ({ deliver: { promptId, turnId } }: FakeTurn) => ({ promptId, turnId });
const textPart = (partId: string, index: number, text: string) => ({ partId, kind: "text" as const, index, text });

/** A session whose turns go on until their sandbox ends; answers each as it begins. */
async function open(stopLimitMs = 50) {
  const begun: FakeTurn[] = [];
  const waiting: ((turn: FakeTurn) => void)[] = [];
  const started = await startTestServer({
    stopLimitMs,
    async onTurn(turn) {
      await turn.supervisor.report({ kind: "turn.started", ...idsOf(turn), messageId: "msg_1" });
      const next = waiting.shift();
      if (next) next(turn);
      else begun.push(turn);
    },
  });
  server = started;
  const nextTurn = (): Promise<FakeTurn> => {
    const early = begun.shift();
    return early ? Promise.resolve(early) : new Promise((resolve) => waiting.push(resolve));
  };
  const body = { repository: makeRepository(started.reposDir, "example"), model: "demo/scripted" };
  const answer = await started.call("POST", "/api/sessions", { ...body, prompt: { text: "work" } });
  const { session } = answer.body as { session: Session };
  const watcher = await started.watch(session.id, 0);
  return { started, session, watcher, nextTurn, turn: await nextTurn() };
}

/** The agent says half a sentence and runs a command; resolves when a browser was shown both. */
async function beginToAnswer(turn: FakeTurn, watcher: Watcher): Promise<void> {
  const { promptId } = turn.deliver;
  const { supervisor } = turn;
  supervisor.send({ type: "part", promptId, part: { ...textPart("said", 0, "Here is"), rev: 1 } });
  supervisor.send({ type: "delta", promptId, partId: "said", offset: 7, text: " half of" });
  const tool = { name: "bash", status: "running" as const, input: { command: "make" }, output: "cc -c a.c\n" };
  supervisor.send({ type: "part", promptId, part: { partId: "ran", kind: "tool", index: 1, text: "", tool, rev: 1 } });
  await watcher.waitFor((frame) => frame.type === "part" && frame.part.partId === "ran");
}

const settledOf = (watcher: Watcher): SettledPart[] =>
  watcher.events.flatMap((event) => (event.type === "part.settled" ? [event.data] : []));

const HALF = [
  { partId: "said", text: "Here is half of", partial: true },
  { partId: "ran", partial: true, tool: { status: "interrupted", input: { command: "make" }, output: "cc -c a.c\n" } },
];

test("what the user read stays when the sandbox is lost, before the end of the turn", async () => {
  const { started, session, watcher, turn } = await open();
  await beginToAnswer(turn, watcher);
  started.provider.kill(session.id, 137);
  await watcher.waitForEvent("prompt.failed");
  expect(settledOf(watcher)).toMatchObject(HALF);
  expect(watcher.events.map(({ type }) => type).slice(-4)).toEqual([
    "part.settled",
    "part.settled",
    "sandbox.failed",
    "prompt.failed",
  ]);
});

test("what the user read stays when a stop reaches the container; what had settled is not told again", async () => {
  const { started, session, watcher, turn } = await open();
  await beginToAnswer(turn, watcher);
  await turn.supervisor.report({
    kind: "part.settled",
    ...idsOf(turn),
    part: textPart("said", 0, "Here is half of it."),
  });
  await started.call("POST", `/api/sessions/${session.id}/stop`);
  await watcher.waitForEvent("prompt.interrupted");
  expect(settledOf(watcher)).toMatchObject([{ partId: "said", text: "Here is half of it." }, HALF[1]]);
});

test("the next sandbox tells what the one before could not: each part once and whole, and how the turn ended", async () => {
  const { started, session, watcher, nextTurn, turn } = await open();
  const lost = idsOf(turn);
  const known = textPart("known", 2, "Told before.");
  await turn.supervisor.report({ kind: "part.settled", ...lost, part: known });
  await beginToAnswer(turn, watcher);
  started.provider.kill(session.id, 137);
  await watcher.waitForEvent("prompt.failed");

  await started.call("POST", `/api/sessions/${session.id}/prompts`, { text: "next" });
  const { supervisor, ...next } = await nextTurn();
  const [said, more] = [textPart("said", 0, "Here is half of it, and the rest."), textPart("more", 3, "Done.")];
  for (const part of [known, said, said, more]) await supervisor.report({ kind: "part.settled", ...lost, part });
  await supervisor.report({ kind: "turn.ended", ...lost, outcome: "completed", durationMs: 1, saveError: "no server" });
  const notice = await watcher.waitForEvent("notice.raised");
  expect(notice).toMatchObject({ ...lost, data: { level: "info", code: "turn.ended-late" } });
  expect(settledOf(watcher)).toMatchObject([known, ...HALF, said, more]);

  // The turn that runs is none of theirs.
  const detail = await started.call("GET", `/api/sessions/${session.id}`);
  expect(detail.body).toMatchObject({
    session: { status: "working" },
    prompts: [
      { id: lost.promptId, status: "failed" },
      { id: next.deliver.promptId, status: "running" },
    ],
  });
});

test("a sandbox tells nothing of another session's turn", async () => {
  const { started, session, watcher, nextTurn, turn } = await open();
  started.provider.kill(session.id, 137);
  await watcher.waitForEvent("prompt.failed");
  const body = { repository: session.repository.id, model: "demo/scripted", prompt: { text: "another" } };
  const other = ((await started.call("POST", "/api/sessions", body)).body as { session: Session }).session;
  const { supervisor } = await nextTurn();
  const part = textPart("said", 0, "Said by another.");
  await supervisor.report({ kind: "part.settled", ...idsOf(turn), part });
  for (const { id } of [session, other]) {
    const { events } = (await started.call("GET", `/api/sessions/${id}/events`)).body as { events: SessionEvent[] };
    expect(events.map(({ type }) => type)).not.toContain("part.settled");
  }
});

test("a turn that was stopped by force is told to its end by the next sandbox", async () => {
  const { started, session, watcher, nextTurn, turn } = await open();
  const cutOff = idsOf(turn);
  await started.call("POST", `/api/sessions/${session.id}/stop`);
  await watcher.waitForEvent("prompt.interrupted");
  await started.call("POST", `/api/sessions/${session.id}/prompts`, { text: "next" });
  const { supervisor } = await nextTurn();
  const part = textPart("more", 0, "Said before the stop.");
  await supervisor.report({ kind: "part.settled", ...cutOff, part });
  expect((await watcher.waitForEvent("part.settled")).data).toMatchObject(part);
});

test("of a turn that stopped when it was asked to nothing more is heard", async () => {
  const { started, session, watcher, nextTurn, turn } = await open(600_000);
  const stopped = idsOf(turn);
  await started.call("POST", `/api/sessions/${session.id}/stop`);
  await turn.stopped;
  await turn.supervisor.report({ kind: "turn.ended", ...stopped, outcome: "interrupted", durationMs: 1 });
  await watcher.waitForEvent("prompt.interrupted");
  // Its sandbox ends later: that is not what ended it.
  started.provider.kill(session.id, 137);
  await watcher.waitForEvent("sandbox.failed");
  await started.call("POST", `/api/sessions/${session.id}/prompts`, { text: "next" });
  const { supervisor } = await nextTurn();
  await supervisor.report({ kind: "part.settled", ...stopped, part: textPart("more", 0, "And another thing.") });
  await supervisor.report({ kind: "turn.ended", ...stopped, outcome: "completed", durationMs: 1 });
  const { events } = (await started.call("GET", `/api/sessions/${session.id}/events`)).body as {
    events: SessionEvent[];
  };
  const types = events.map(({ type }) => type);
  expect(types).not.toContain("part.settled");
  expect(types).not.toContain("notice.raised");
});

test("of a turn that told its end nothing more is heard", async () => {
  const { started, session, watcher, nextTurn, turn } = await open();
  const ended = idsOf(turn);
  await turn.supervisor.report({ kind: "turn.ended", ...ended, outcome: "completed", durationMs: 1 });
  await watcher.waitForEvent("prompt.completed");
  await started.call("POST", `/api/sessions/${session.id}/prompts`, { text: "next" });
  const { supervisor } = await nextTurn();
  await supervisor.report({ kind: "part.settled", ...ended, part: textPart("more", 0, "And another thing.") });
  await supervisor.report({ kind: "turn.ended", ...ended, outcome: "completed", durationMs: 1 });
  const { events } = (await started.call("GET", `/api/sessions/${session.id}/events`)).body as {
    events: SessionEvent[];
  };
  const types = events.map(({ type }) => type);
  expect(types).not.toContain("part.settled");
  expect(types.filter((type) => type === "prompt.completed")).toHaveLength(1);
});
