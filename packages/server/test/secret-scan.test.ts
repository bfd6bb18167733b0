import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { JobError } from "@background-agents/shared/jobs/job";
import { expect, it } from "vitest";
import type { FakeTurn } from "../src/testing/fake-supervisor.ts";
import { useWaysOut } from "../src/testing/ways-out.ts";

/** Work that holds the value of a secret, on each way out: it stops there, and the refusal says where it stands. */

const VALUE = "live-3f81c07ad952";

let work: (turn: FakeTurn & { write: (name: string, content: string | Buffer) => void }) => void;

const out = useWaysOut(onTurn);

const userGit = (...args: string[]): string => out.git(out.path, ...args);

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
  await out.server.call("PUT", "/api/secrets/LIVE_KEY", { value: VALUE });
  await out.begin("go", { publishMode: "manual" });
}

/** What a way out fails with. */
const tryTo = async (kind: string, body: object = {}): Promise<JobError | null> => (await out.run(kind, body)).error;

const refs = (): string => `${userGit("for-each-ref")}\n${out.git(out.bare.path, "for-each-ref")}`;

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
  expect(JSON.stringify(out.watcher.frames)).not.toContain(VALUE);

  // The value is no secret any more: all of them work.
  await out.server.call("DELETE", "/api/secrets/LIVE_KEY");
  await out.restart();
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
