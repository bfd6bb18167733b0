import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import type { SessionEvent, SessionEventType } from "@background-agents/shared/protocol/session-events";
import type { Checkpoint, Session } from "@background-agents/shared/sessions/session";
import type { FakeTurn } from "../src/testing/fake-supervisor.ts";
import { makeRepository, startTestServer, type TestServer, type Watcher } from "../src/testing/test-server.ts";

let server: TestServer;
let repository: string;
let session: Session;
let watcher: Watcher;
let heard: string[] = [];
afterEach(() => server.close());

const git = (...args: string[]) => execFileSync("git", ["-C", repository, ...args], { encoding: "utf8" }).trim();

function commit(path: string, content: string): string {
  writeFileSync(join(repository, path), content);
  git("add", "-A");
  git("commit", "--quiet", "-m", `Write ${path}`);
  return git("rev-parse", "HEAD");
}

/**
 * A turn on "write <path> <content>", or on the request to bring the branch up to date, which it does with `ours`; and
 * then on "also write <path> <content>" in the same turn.
 */
async function work(turn: FakeTurn): Promise<void> {
  const ids = { promptId: turn.deliver.promptId, turnId: turn.deliver.turnId };
  const { text } = turn.deliver;
  heard.push(text);
  await turn.supervisor.report({ kind: "turn.started", ...ids, messageId: "msg_1" });
  const [, path = "", content = ""] = text.split("\n", 1)[0]?.split(" ") ?? [];
  let checkpointId: string;
  if (text.startsWith("Bring this branch")) {
    const [, how = "", tip = ""] = /git (merge|rebase) (\w{40})/.exec(text) ?? [];
    turn.git("-c", "user.name=A", "-c", "user.email=a@b", how, "--quiet", "-X", "ours", tip);
    const [, also, said = ""] = /also write (\S+) (\S+)/.exec(text) ?? [];
    checkpointId = also === undefined ? await turn.upload() : await turn.checkpoint(also, said);
  } else checkpointId = await turn.checkpoint(path, content);
  const end = { outcome: "completed" as const, checkpointId: checkpointId as never, durationMs: 1 };
  await turn.supervisor.report({ kind: "turn.ended", ...ids, ...end });
}

async function open(base?: () => string): Promise<void> {
  heard = [];
  server = await startTestServer({ onTurn: work });
  repository = makeRepository(server.reposDir, "example");
  const baseBranch = base?.();
  const body = { repository, model: "demo/scripted", title: "Base", ...(baseBranch && { baseBranch }) };
  ({ session } = (await server.call("POST", "/api/sessions", body)).body);
  watcher = await server.watch(session.id, 0);
}

const at = (verb: string) => `/api/sessions/${session.id}/${verb}`;
const read = async () =>
  ((await server.call("GET", `/api/sessions/${session.id}`)).body as { session: Session }).session;
const eventsOf = <T extends SessionEventType>(type: T) =>
  watcher.events.filter((event): event is Extract<SessionEvent, { type: T }> => event.type === type);
const untilCount = (type: SessionEventType, count: number) =>
  watcher.waitFor((frame) => frame.type === "event" && eventsOf(type).length >= count);

async function turn(text: string): Promise<Checkpoint> {
  const [ended, published] = [eventsOf("prompt.completed").length, eventsOf("branch.published").length];
  await server.call("POST", at("prompts"), { text });
  await untilCount("prompt.completed", ended + 1);
  await untilCount("branch.published", published + 1);
  return ((await server.call("GET", at("checkpoints"))).body as { checkpoints: Checkpoint[] }).checkpoints.at(
    -1,
  ) as Checkpoint;
}

describe("a base that moves on", () => {
  test("is merged at once where nothing conflicts; the session's own changes stay its own", async () => {
    await open();
    await turn("write one.txt 1");
    expect((await server.call("GET", at("base"))).body).toMatchObject({ behind: 0, ahead: 1, conflicts: [] });
    commit("user-1.txt", "u\n");
    const tip = commit("user-2.txt", "u\n");
    expect((await server.call("GET", at("base"))).body).toEqual({
      ...{ branch: "main", commit: session.baseCommit, tip, behind: 2, ahead: 1, conflicts: [] },
    });
    const answer = await server.call("POST", at("update-base"), {});
    expect(answer).toMatchObject({
      status: 200,
      body: { outcome: "merged", session: { baseCommit: tip, changes: { files: 1 } }, prompt: null },
    });
    await untilCount("branch.published", 2);
    const { branch, lastCommit } = await read();
    expect(git("ls-tree", "--name-only", branch).split("\n")).toEqual([
      "README.md",
      "one.txt",
      "user-1.txt",
      "user-2.txt",
    ]);
    expect(git("log", "-1", "--format=%P|%an|%s", branch)).toMatch(
      new RegExp(`^\\w{40} ${tip}\\|Ada Example\\|Merge main`),
    );
    expect(eventsOf("checkpoint.created").at(-1)?.data).toMatchObject({
      origin: "base-update",
      commit: lastCommit,
      files: 1,
    });
    expect(await server.call("POST", at("update-base"), {})).toMatchObject({ body: { outcome: "up-to-date" } });

    const next = await turn("write two.txt 2");
    expect(heard.at(-1)).toContain("the user merged main into this branch");
    expect(next.changes.files).toBe(2);
  });

  test("is left again by going back to a turn before it", async () => {
    await open();
    const first = await turn("write one.txt 1");
    const tip = commit("user.txt", "u\n");
    await server.call("POST", at("update-base"), {});
    expect((await read()).baseCommit).toBe(tip);
    await server.call("POST", at("revert"), { checkpoint: first.id });
    expect(await read()).toMatchObject({ baseCommit: session.baseCommit, changes: { files: 1 } });
    await turn("write two.txt 2");
    expect((await read()).changes?.files).toBe(2);
  });

  test("moves a session that did nothing yet to the tip", async () => {
    await open();
    const tip = commit("user.txt", "u\n");
    expect(await server.call("POST", at("update-base"), {})).toMatchObject({
      body: { outcome: "merged", session: { baseCommit: tip, lastCommit: tip, changes: { files: 0 } } },
    });
    await turn("write one.txt 1");
    expect((await read()).changes).toMatchObject({ files: 1 });
    expect(git("ls-tree", "--name-only", session.branch).split("\n")).toEqual(["README.md", "one.txt", "user.txt"]);
  });

  test.each(["merge", "rebase"] as const)(
    "is given to the agent where it conflicts (%s); the base follows its work",
    async (how) => {
      await open();
      await turn("write README.md agent");
      const tip = commit("README.md", "user\n");
      expect((await server.call("GET", at("base"))).body).toMatchObject({
        behind: 1,
        ahead: 1,
        conflicts: ["README.md"],
      });
      const answer = await server.call("POST", at("update-base"), { how });
      expect(answer).toMatchObject({
        status: 200,
        body: { outcome: "asked-agent", prompt: { status: expect.any(String) } },
      });
      await untilCount("prompt.completed", 2);
      expect(heard.at(-1)).toContain(`git ${how} ${tip}`);
      expect(heard.at(-1)).toContain("A merge stops at these files:\n- README.md");
      expect(await read()).toMatchObject({ baseCommit: tip });
      expect(eventsOf("work.restored").at(-1)).toMatchObject({
        actor: "agent",
        data: { reason: "base-update", base: { branch: "main", commit: tip } },
      });
      // Nothing is undone in the sandbox: it stands there already.
      await turn("write two.txt 2");
      expect(heard.at(-1)).toBe("write two.txt 2");
      expect((await server.call("GET", at("base"))).body).toMatchObject({ behind: 0, tip });
    },
  );
});

describe("a turn that moves the base and works beside it", () => {
  test("has dealt with the comments whose lines it changed", async () => {
    await open();
    const { id } = await turn("write code.txt one");
    const place = { path: "code.txt", side: "new", lines: { start: 1, end: 1 }, at: id };
    expect(await server.call("POST", at("comments"), { ...place, text: "Two, please." })).toMatchObject({
      status: 201,
    });
    const tip = commit("user.txt", "u\n");
    // The question brings the new commit to where the sandbox has it.
    expect((await server.call("GET", at("base"))).body).toMatchObject({ behind: 1 });
    const message = `Bring this branch up to date with git merge ${tip}, and also write code.txt two`;
    expect(await server.call("POST", at("comments/send"), { message })).toMatchObject({ status: 202 });
    await untilCount("comment.resolved", 1);
    expect(await read()).toMatchObject({ baseCommit: tip });
    expect(eventsOf("comment.resolved")[0]?.data).toMatchObject({
      status: "addressed",
      outcome: { hunk: expect.stringContaining("+two") as string },
    });
  });
});

describe("a base that is no branch", () => {
  test.each([
    ["a tag", () => "v1", "v1"],
    ["an annotated tag", () => "v2", "v2"],
    ["a commit in the middle", (middle: string) => middle, undefined],
    ["the beginning of a commit's id", (middle: string) => middle.slice(0, 9), undefined],
    ["a commit that no branch has any more", (_middle: string, lost: string) => lost, undefined],
  ])("can be %s", async (_name, name, shown) => {
    let wanted = "";
    await open(() => {
      git("tag", "v1");
      git("tag", "-a", "-m", "Two", "v2");
      const middle = commit("middle.txt", "middle\n");
      const lost = commit("lost.txt", "lost\n");
      git("commit", "--quiet", "--amend", "-m", "Last");
      const base = name(middle, lost);
      wanted = git("rev-parse", `${base}^{commit}`);
      return base;
    });
    expect(session).toMatchObject({ baseCommit: wanted, baseBranch: shown ?? wanted.slice(0, 12) });
    const files = git("ls-tree", "--name-only", wanted).split("\n");
    await turn("write one.txt 1");
    expect(git("ls-tree", "--name-only", session.branch).split("\n")).toEqual([...files, "one.txt"].sort());
    expect((await server.call("GET", at("base"))).body).toMatchObject({ tip: null, behind: 0 });
    expect(await server.call("POST", at("update-base"), {})).toMatchObject({ status: 409 });
  });

  test("a branch wins over a tag of its name; what is none of them is refused", async () => {
    await open(() => {
      git("tag", "main");
      commit("later.txt", "later\n");
      return "main";
    });
    expect(session.baseCommit).toBe(git("rev-parse", "refs/heads/main"));
    for (const baseBranch of ["nothing", "0000000", "main~1", "--all"]) {
      const answer = await server.call("POST", "/api/sessions", { repository, model: "demo/scripted", baseBranch });
      expect(answer).toMatchObject({ status: 400, body: { error: { code: "branch.not-found" } } });
    }
    const { id } = session.repository;
    expect(await server.call("GET", `/api/repositories/${id}/branches`)).toMatchObject({ body: { tags: ["main"] } });
  });
});
