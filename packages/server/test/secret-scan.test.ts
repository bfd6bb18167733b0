import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { newId } from "@background-agents/shared/ids";
import type { Job } from "@background-agents/shared/jobs/job";
import type { Session } from "@background-agents/shared/sessions/session";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import type { FakeTurn } from "../src/testing/fake-supervisor.ts";
import { startSshRemote, type SshRemote } from "../src/testing/ssh-remote.ts";
import { makeRepository, startTestServer, type TestServer, type Watcher } from "../src/testing/test-server.ts";

/** Work that holds the value of a secret, on each way out: it stops there, and the refusal says where it stands. */

const VALUE = "live-3f81c07ad952";

let ssh: SshRemote;
let server: TestServer;
let path: string;
let bare: { path: string; url: string };
let session: Session;
let watcher: Watcher;
let work: (turn: FakeTurn & { write: (name: string, content: string | Buffer) => void }) => void;
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
  server = await startTestServer({ onTurn });
  path = makeRepository(server.reposDir, "example");
  bare = ssh.makeBare(`ada/secret-scan-${(count += 1)}`);
  userGit("remote", "add", "origin", bare.url);
});
afterEach(() => server.close());

const userGit = (...args: string[]): string =>
  execFileSync("git", ["-C", path, ...args], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trimEnd();

/** An agent that does what the test says in its tree; what it left uncommitted is committed. */
async function onTurn(turn: FakeTurn): Promise<void> {
  const { supervisor, deliver, git } = turn;
  const ids = { promptId: deliver.promptId, turnId: deliver.turnId };
  await supervisor.report({ kind: "turn.started", ...ids, messageId: "msg_1" });
  git("config", "user.name", "Ada Example");
  git("config", "user.email", "ada@example.org");
  const tree = git("rev-parse", "--show-toplevel");
  work({ ...turn, write: (name, content) => writeFileSync(join(tree, name), content) });
  git("add", "-A");
  if (git("status", "--porcelain") !== "") git("commit", "--quiet", "-m", "Work");
  const checkpointId = await turn.upload();
  await supervisor.report({
    ...{ kind: "turn.ended", ...ids, outcome: "completed", durationMs: 5 },
    checkpointId: checkpointId as never,
  });
}

/** Runs the agent's work in a new session of a repository that has the secret. */
async function begin(how: typeof work): Promise<void> {
  work = how;
  userGit("push", "--quiet", bare.path, "main");
  await server.call("PUT", "/api/secrets/LIVE_KEY", { value: VALUE });
  const body = { repository: path, model: "demo/scripted", publishMode: "manual", prompt: { text: "go" } };
  const created = (await server.call("POST", "/api/sessions", body)).body as { session: Session };
  session = created.session;
  watcher = await server.watch(session.id, 0);
  await watcher.waitForEvent("prompt.completed");
}

interface Refusal {
  code?: string;
  message?: string;
}

/** What a way out answers: as the job it becomes, or at once. */
async function tryTo(kind: string, body: object = {}): Promise<Refusal | null> {
  const id = newId("job");
  const answer = await server.call("POST", `/api/sessions/${session.id}/${kind}`, { id, ...body });
  if (answer.status !== 202) return (answer.body as { error: Refusal }).error;
  const frame = await watcher.waitFor((one) => one.type === "job" && one.job.id === id && one.job.status !== "running");
  const job: Job | undefined = frame.type === "job" ? frame.job : undefined;
  return job?.error ?? null;
}

const refs = (): string =>
  `${userGit("for-each-ref")}\n${execFileSync("git", ["-C", bare.path, "for-each-ref"], { encoding: "utf8" })}`;

it("goes out on none of the ways, and each says the file and the line", async () => {
  await begin(({ write }) => write("config.ts", `one\ntwo\nexport const key = "${VALUE}";\n`));
  const before = refs();
  const stopped = {
    code: "work.contains-secret",
    message: expect.stringContaining("LIVE_KEY (config.ts, line 3)") as string,
  };
  expect(await tryTo("publish")).toMatchObject(stopped);
  expect(await tryTo("publish", { branch: "agents/another" })).toMatchObject(stopped);
  expect(await tryTo("push")).toMatchObject(stopped);
  expect(await tryTo("checkout")).toMatchObject(stopped);
  for (const how of ["commits", "squash", "patch"]) expect(await tryTo("apply", { how })).toMatchObject(stopped);
  expect(refs()).toBe(before);
  expect(userGit("status", "--porcelain")).toBe("");
  expect(userGit("worktree", "list").split("\n")).toHaveLength(1);
  expect(JSON.stringify(watcher.frames)).not.toContain(VALUE);

  // The value is no secret any more: all of them work.
  await server.call("DELETE", "/api/secrets/LIVE_KEY");
  server = await server.restart();
  watcher = await server.watch(session.id, 0);
  expect(await tryTo("push")).toBeNull();
  expect(await tryTo("checkout")).toBeNull();
  expect(await tryTo("apply", { how: "squash" })).toBeNull();
});

it("stops only what leaves: a tree without it may be applied where a commit before had it", async () => {
  await begin(({ write, git }) => {
    write("config.ts", VALUE);
    git("add", "-A");
    git("commit", "--quiet", "-m", "One");
    write("config.ts", "clean\n");
  });
  expect(await tryTo("push")).toMatchObject({ code: "work.contains-secret" });
  expect(await tryTo("apply", { how: "commits" })).toMatchObject({ code: "work.contains-secret" });
  expect(await tryTo("apply", { how: "squash" })).toBeNull();
});
