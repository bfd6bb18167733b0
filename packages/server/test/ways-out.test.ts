import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { newId } from "@background-agents/shared/ids";
import type { Job } from "@background-agents/shared/jobs/job";
import type { Session } from "@background-agents/shared/sessions/session";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { FakeTurn } from "../src/testing/fake-supervisor.ts";
import { startSshRemote, type SshRemote } from "../src/testing/ssh-remote.ts";
import { makeRepository, startTestServer, type TestServer, type Watcher } from "../src/testing/test-server.ts";

/** What an agent did leaves the session: published, pushed over real SSH, checked out, applied. */

let ssh: SshRemote;
let server: TestServer;
let path: string;
let bare: { path: string; url: string };
let session: Session;
let watcher: Watcher;
let count = 0;

beforeAll(async () => {
  ssh = await startSshRemote();
  vi.stubEnv("GIT_SSH_COMMAND", ssh.env["GIT_SSH_COMMAND"]);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await ssh.stop();
});
beforeEach(async () => {
  server = await startTestServer({ onTurn: write });
  path = makeRepository(server.reposDir, "example");
  bare = ssh.makeBare(`ada/ways-out-${(count += 1)}`);
  git(path, "remote", "add", "origin", bare.url);
  git(path, "push", "--quiet", bare.path, "main");
});
afterEach(() => server.close());

const git = (at: string, ...args: string[]): string =>
  execFileSync("git", ["-C", at, ...args], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trimEnd();

/** An agent that writes the file named by the prompt. */
async function write(turn: FakeTurn): Promise<void> {
  const { supervisor, deliver } = turn;
  const ids = { promptId: deliver.promptId, turnId: deliver.turnId };
  await supervisor.report({ kind: "turn.started", ...ids, messageId: "msg_1" });
  const checkpointId = await turn.checkpoint(deliver.text, "content\n");
  await supervisor.report({
    ...{ kind: "turn.ended", ...ids, outcome: "completed", durationMs: 5 },
    checkpointId: checkpointId as never,
  });
}

/** Makes the session with a first prompt and waits for its end. */
async function begin(text: string, more: object = {}): Promise<void> {
  const body = { repository: path, model: "demo/scripted", prompt: { text }, ...more };
  const created = (await server.call("POST", "/api/sessions", body)).body as { session: Session };
  session = created.session;
  watcher = await server.watch(session.id, 0);
  await watcher.waitForEvent("prompt.completed");
}

async function now(): Promise<Session> {
  return ((await server.call("GET", `/api/sessions/${session.id}`)).body as { session: Session }).session;
}

/** Starts the job and waits for its end. */
async function run(kind: string, body: object = {}): Promise<Job> {
  const answer = await server.call("POST", `/api/sessions/${session.id}/${kind}`, body);
  expect(answer).toMatchObject({ status: 202 });
  return ended((answer.body as { job: Job }).job.id);
}

async function ended(id: string): Promise<Job> {
  const frame = await watcher.waitFor((one) => one.type === "job" && one.job.id === id && one.job.status !== "running");
  if (frame.type !== "job") throw new Error("not a job");
  return frame.job;
}

/** Sends a prompt and waits for the end of its turn. */
async function prompt(text: string): Promise<void> {
  const id = newId("prompt");
  await server.call("POST", `/api/sessions/${session.id}/prompts`, { id, text });
  await watcher.waitFor(
    ({ ...frame }) => frame.type === "event" && frame.event.type === "prompt.completed" && frame.event.promptId === id,
  );
}

describe("publishing", () => {
  it("waits for the user where the session says so, and takes another name where one is in the way", async () => {
    await begin("a.txt", { publishMode: "manual" });
    expect((await now()).publishedCommit).toBeNull();
    git(path, "branch", session.branch);
    const refused = await run("publish");
    expect(refused).toMatchObject({ status: "failed", error: { code: "branch.conflicted" } });
    expect(refused.error?.advice).toContain("another name");
    expect((await now()).publishConflict).toContain(session.branch);

    expect(await run("publish", { branch: "agents/another" })).toMatchObject({ status: "succeeded" });
    const { branch, lastCommit, publishedCommit, publishConflict } = await now();
    expect({ branch, publishedCommit, publishConflict }).toEqual({
      ...{ branch: "agents/another", publishedCommit: lastCommit, publishConflict: null },
    });
    expect(git(path, "rev-parse", "agents/another")).toBe(lastCommit);
    expect(git(path, "rev-parse", session.branch)).toBe(session.baseCommit);

    await prompt("b.txt");
    expect(git(path, "rev-parse", "agents/another")).toBe(publishedCommit);
    await run("publish");
    expect(git(path, "rev-parse", "agents/another")).toBe((await now()).lastCommit);
  });

  it("follows again once what was in the way is gone; a branch that is gone is made again when asked to", async () => {
    await begin("a.txt");
    await watcher.waitForEvent("branch.published");
    const commit = git(path, "rev-parse", session.branch);
    git(path, "branch", "-D", session.branch);
    await prompt("b.txt");
    await watcher.waitForEvent("branch.conflicted");
    expect(await now()).toMatchObject({ publishObstacle: "branch", attention: "review" });
    expect(() => git(path, "rev-parse", "--verify", session.branch)).toThrow("rev-parse");
    git(path, "branch", session.branch, commit);
    await prompt("c.txt");
    await watcher.waitFor(({ ...f }) => f.type === "session" && ![null, commit].includes(f.session.publishedCommit));
    git(path, "branch", "-D", session.branch);
    expect((await run("publish")).status).toBe("succeeded");
    expect(await now()).toMatchObject({ publishConflict: null, lastCommit: git(path, "rev-parse", session.branch) });
  });

  it.each(["main", "agents/../main", "agents/a b", "other"])("never goes to %j", async (branch) => {
    await begin("a.txt", { publishMode: "manual" });
    const answer = await server.call("POST", `/api/sessions/${session.id}/publish`, { branch });
    expect(answer).toMatchObject({ status: 409, body: { error: { code: "branch.refused" } } });
  });
});

describe("pushing", () => {
  it("is a job with a log, the same for the same id, and shows on the session", async () => {
    await begin("a.txt");
    const id = newId("job");
    const job = await run("push", { id });
    const { lastCommit, push } = await now();
    expect(job).toMatchObject({ id, kind: "push", status: "succeeded", summary: `push ${session.branch} to origin` });
    expect(job.log).toContain(bare.url);
    expect(push).toMatchObject({ remote: "origin", url: bare.url, branch: session.branch, commit: lastCommit });
    expect(git(bare.path, "rev-parse", session.branch)).toBe(lastCommit);
    const told = watcher.frames.flatMap((frame) => (frame.type === "job-log" ? [frame.text] : [])).join("");
    expect(told).toBe(job.log);

    const again = await server.call("POST", `/api/sessions/${session.id}/push`, { id });
    expect(again).toMatchObject({ status: 202, body: { job: { id, status: "succeeded" } } });
    const { jobs } = (await server.call("GET", `/api/sessions/${session.id}/jobs`)).body as { jobs: Job[] };
    expect(jobs).toEqual([job]);
    expect(watcher.events.filter(({ type }) => type === "branch.pushed")).toHaveLength(1);
  });

  it("asks first where the work changes files that tools execute", async () => {
    await begin("package.json");
    for (const [way, body] of [
      ["push", {}],
      ["checkout", {}],
      ["apply", { how: "squash" }],
    ] as const) {
      const asked = await server.call("POST", `/api/sessions/${session.id}/${way}`, body);
      expect(asked).toMatchObject({
        status: 409,
        body: { error: { code: "work.executes", details: { files: [{ path: "package.json" }] } } },
      });
    }
    expect((await run("push", { acknowledgeExecuted: true })).status).toBe("succeeded");
    // What was acknowledged is not asked again; what comes new is.
    expect((await run("checkout")).status).toBe("succeeded");
    await prompt(".envrc");
    const asked = await server.call("POST", `/api/sessions/${session.id}/push`, {});
    expect(asked).toMatchObject({ status: 409, body: { error: { code: "work.executes" } } });
  });

  it("holds up no turn, can be cancelled, and is shown to who comes late", async () => {
    await begin("a.txt");
    const hook = join(bare.path, "hooks", "pre-receive");
    writeFileSync(hook, "#!/bin/sh\necho waiting >&2\nexec sleep 600\n");
    chmodSync(hook, 0o755);
    const started = await server.call("POST", `/api/sessions/${session.id}/push`, {});
    const { job } = started.body as { job: Job };
    await watcher.waitFor((frame) => frame.type === "job-log" && frame.text.includes("waiting"));
    expect(await server.call("POST", `/api/sessions/${session.id}/push`, {})).toMatchObject({
      ...{ status: 409, body: { error: { code: "session.busy" } } },
    });
    await prompt("b.txt");
    const late = await server.watch(session.id);
    const snapshot = await late.waitFor((frame) => frame.type === "snapshot");
    expect(snapshot).toMatchObject({
      jobs: [{ id: job.id, status: "running", log: expect.stringContaining("waiting") }],
    });

    const cancelled = await server.call("POST", `/api/sessions/${session.id}/jobs/${job.id}/cancel`);
    expect(cancelled).toMatchObject({
      status: 200,
      body: { job: { status: "failed", error: { code: "job.cancelled" } } },
    });
    expect(() => git(bare.path, "rev-parse", "--verify", session.branch)).toThrow("rev-parse");
    writeFileSync(hook, "#!/bin/sh\n");
    expect((await run("push")).status).toBe("succeeded");
    expect(git(bare.path, "rev-parse", session.branch)).toBe((await now()).lastCommit);
  });

  it("ends with the server, says so, and is done by the next try", async () => {
    await begin("a.txt");
    const hook = join(bare.path, "hooks", "pre-receive");
    writeFileSync(hook, "#!/bin/sh\necho waiting >&2\nexec sleep 600\n");
    chmodSync(hook, 0o755);
    await server.call("POST", `/api/sessions/${session.id}/push`, {});
    await watcher.waitFor((frame) => frame.type === "job-log" && frame.text.includes("waiting"));
    server = await server.restart();
    watcher = await server.watch(session.id, 0);
    const { jobs } = (await server.call("GET", `/api/sessions/${session.id}/jobs`)).body as { jobs: Job[] };
    expect(jobs).toMatchObject([{ status: "failed", error: { code: "job.interrupted" } }]);
    writeFileSync(hook, "#!/bin/sh\n");
    expect((await run("push")).status).toBe("succeeded");
  });

  it("says what is wrong before it begins, and with advice where it fails", async () => {
    await begin("a.txt");
    const send = (body: object) => server.call("POST", `/api/sessions/${session.id}/push`, body);
    expect(await send({ branch: "main" })).toMatchObject({ status: 409, body: { error: { code: "branch.refused" } } });
    expect(await send({ remote: "none" })).toMatchObject({ status: 409, body: { error: { code: "remote.missing" } } });
    git(path, "remote", "set-url", "origin", bare.url.replace("ways-out", "nowhere"));
    const job = await run("push");
    expect(job).toMatchObject({ status: "failed", error: { code: "remote.unreachable" } });
    expect(job.error?.advice).not.toBeNull();
  });
});

describe("checking out", () => {
  it("makes a work tree that follows the turns while it is clean, and outlives the session", async () => {
    await begin("a.txt");
    await watcher.waitForEvent("branch.published");
    const job = await run("checkout");
    expect(job.status).toBe("succeeded");
    const tree = join(server.reposDir, "example.worktrees", session.branch.slice("agents/".length));
    expect((await now()).checkout).toMatchObject({ path: tree });
    expect(readFileSync(join(tree, "a.txt"), "utf8")).toBe("content\n");

    await prompt("b.txt");
    await watcher.waitFor(
      (frame) =>
        frame.type === "event" && frame.event.type === "branch.published" && frame.event.data.followed === tree,
    );
    expect((await now()).checkout).toEqual({ path: tree, commit: (await now()).lastCommit });
    expect(existsSync(join(tree, "b.txt"))).toBe(true);
    expect(git(tree, "status", "--porcelain")).toBe("");
    writeFileSync(join(tree, "b.txt"), "mine\n");
    await prompt("c.txt");
    await watcher.waitForEvent("branch.conflicted");
    expect((await now()).publishConflict).toContain("b.txt");
    expect((await run("checkout")).error?.code).toBe("branch.conflicted");
    git(tree, "checkout", "--quiet", "b.txt");
    expect((await run("checkout")).status).toBe("succeeded");
    expect(existsSync(join(tree, "c.txt"))).toBe(true);
    expect((await now()).publishConflict).toBeNull();

    const { body } = await server.call("GET", "/api/repositories");
    expect((body as { repositories: { path: string }[] }).repositories.map((one) => one.path)).toEqual([path]);
    await server.call("DELETE", `/api/sessions/${session.id}`);
    expect(existsSync(join(tree, "c.txt"))).toBe(true);
    const again = await server.call("POST", `/api/sessions/${session.id}/push`, {});
    expect(again).toMatchObject({ status: 409, body: { error: { code: "session.deleted" } } });
  });
});

it("removes the work tree it made, but nothing that the user has there and nowhere else", async () => {
  await begin("a.txt");
  const early = await server.call("POST", `/api/sessions/${session.id}/remove-checkout`, {});
  expect(early).toMatchObject({ status: 409, body: { error: { code: "work.nothing" } } });
  await run("checkout");
  const { branch, checkout } = await now();
  const tree = checkout?.path ?? "";
  writeFileSync(join(tree, "mine.txt"), "mine\n");
  expect((await run("remove-checkout")).error).toMatchObject({ code: "tree.not-clean" });
  expect((await now()).checkout).toEqual(checkout);
  rmSync(join(tree, "mine.txt"));
  expect((await run("remove-checkout")).result).toBe(`removed ${tree}; ${branch} stays`);
  expect(existsSync(tree)).toBe(false);
  expect((await now()).checkout).toBeNull();
  expect((await run("checkout")).status).toBe("succeeded");
});

it("does not let a work tree follow to files that tools execute before the user has seen them", async () => {
  await begin("a.txt");
  await watcher.waitForEvent("branch.published");
  await run("checkout");
  const tree = (await now()).checkout?.path ?? "";
  await prompt(".envrc");
  expect(await watcher.waitForEvent("branch.conflicted")).toMatchObject({
    data: { reason: expect.stringContaining(".envrc") },
  });
  expect(existsSync(join(tree, ".envrc"))).toBe(false);
  expect((await run("publish")).error?.message).toContain(".envrc");
  expect(existsSync(join(tree, ".envrc"))).toBe(false);
  const asked = await server.call("POST", `/api/sessions/${session.id}/checkout`, {});
  expect(asked).toMatchObject({ status: 409, body: { error: { code: "work.executes" } } });
  expect((await run("checkout", { acknowledgeExecuted: true })).status).toBe("succeeded");
  expect(readFileSync(join(tree, ".envrc"), "utf8")).toBe("content\n");
  expect((await now()).publishConflict).toBeNull();
});

it("applies the work to the user's branch and records it", async () => {
  await begin("a.txt");
  writeFileSync(join(path, "README.md"), "mine\n");
  expect(await run("apply", { how: "squash" })).toMatchObject({ status: "failed", error: { code: "tree.not-clean" } });
  git(path, "checkout", "--quiet", "README.md");
  expect(await run("apply", { how: "squash" })).toMatchObject({ status: "succeeded", result: "1 commit on main" });
  expect(git(path, "log", "-1", "--format=%an %(trailers:key=Background-Agents-Session,valueonly)").trim()).toBe(
    `Ada Example ${session.id}`,
  );
  expect(await watcher.waitForEvent("branch.applied")).toMatchObject({ data: { branch: "main", how: "squash" } });
  expect(git(path, "status", "--porcelain")).toBe("");
});

it("has nothing to bring out before the first change", async () => {
  const body = { repository: path, model: "demo/scripted" };
  session = ((await server.call("POST", "/api/sessions", body)).body as { session: Session }).session;
  for (const [way, order] of [
    ["publish", {}],
    ["push", {}],
    ["checkout", {}],
    ["apply", { how: "patch" }],
    ["pull-request", {}],
  ] as const) {
    expect(await server.call("POST", `/api/sessions/${session.id}/${way}`, order)).toMatchObject({
      ...{ status: 409, body: { error: { code: "work.nothing" } } },
    });
  }
});
