import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { git } from "../src/testing/sandbox-fixture.ts";
import { type SandboxUnderTest, startSandboxUnderTest } from "../src/testing/sandbox-under-test.ts";
import type { Script } from "../src/testing/script-step.ts";

let sandbox: SandboxUnderTest;
afterEach(() => sandbox.close());

/** A model that runs the prompt as a shell command. */
const shell: Script = ({ userText, toolResults }) =>
  toolResults.length === 0 ? [{ tool: "bash", input: { command: userText, description: "d" } }] : [{ text: "Done." }];

/** Fetches the checkpoint's bundle into the mirror, as the server does, and answers its commit. */
function importBundle(checkpointId: string | undefined): string {
  const upload = sandbox.hub.uploads.find(({ path }) => path === `/bundle/${checkpointId}`);
  if (!upload) throw new Error(`no bundle for ${checkpointId}`);
  const file = join(sandbox.root, "received.bundle");
  writeFileSync(file, upload.body);
  git(sandbox.paths.mirror, "fetch", "-q", file, "+refs/background-agents/head:refs/received");
  return git(sandbox.paths.mirror, "rev-parse", "refs/received");
}

const notices = () => sandbox.hub.bodies().flatMap((body) => (body.kind === "notice" ? [body.code] : []));

it("brings commits of the agent and what it left uncommitted, without running its hooks", async () => {
  sandbox = await startSandboxUnderTest({ script: shell });
  const ended = await sandbox.ended(
    sandbox.deliver(
      "printf '#!/bin/sh\\ntouch ../hooked\\nexit 1\\n' > .git/hooks/pre-commit; chmod +x .git/hooks/pre-commit; " +
        "echo a > a; git add a; git commit -qnm 'By the agent'; rm -f ../hooked; echo b > b; mkdir ignored; echo c > ignored/c; rm README.md",
    ),
  );
  const commit = importBundle(ended.checkpointId);
  expect(git(sandbox.paths.mirror, "ls-tree", "-r", "--name-only", commit).split("\n")).toEqual([
    ".gitignore",
    "a",
    "b",
  ]);
  expect(git(sandbox.paths.mirror, "log", "--format=%s", "-2", `${commit}~1`).split("\n")).toEqual([
    "By the agent",
    "First",
  ]);
  expect((await sandbox.run("ls ..")).stdout).not.toContain("hooked");
});

it("brings the work of an agent that left the session's branch, and says so", async () => {
  sandbox = await startSandboxUnderTest({ script: shell });
  const ended = await sandbox.ended(sandbox.deliver("git checkout -q -b elsewhere; echo x > x"));
  const commit = importBundle(ended.checkpointId);
  expect(git(sandbox.paths.mirror, "show", `${commit}:x`)).toBe("x");
  expect(git(sandbox.tree, "rev-parse", sandbox.spec.branch)).toBe(commit);
  expect(notices()).toEqual(["checkpoint.other-branch"]);
});

it("saves a tree in the middle of a merge without touching the merge", async () => {
  sandbox = await startSandboxUnderTest({ script: shell });
  const ended = await sandbox.ended(
    sandbox.deliver(
      "echo 1 > f; git add f; git commit -qm one; git checkout -q -b other HEAD~1; echo 2 > f; git add f; git commit -qm two; git merge -q - || true",
    ),
  );
  expect(git(sandbox.paths.mirror, "show", `${importBundle(ended.checkpointId)}:f`)).toContain("<<<<<<<");
  expect((await sandbox.run("git rev-parse -q --verify MERGE_HEAD")).exitCode).toBe(0);
  expect(notices()).toContain("checkpoint.snapshot");
});

it("leaves files over the limit out, with a notice, and brings the rest", async () => {
  sandbox = await startSandboxUnderTest({
    script: shell,
    spec: (spec) => ({ ...spec, limits: { ...spec.limits, checkpointBytes: 100_000 } }),
  });
  const ended = await sandbox.ended(sandbox.deliver("head -c 200000 /dev/urandom > big; echo small > small"));
  const commit = importBundle(ended.checkpointId);
  expect(git(sandbox.paths.mirror, "ls-tree", "--name-only", commit).split("\n")).toEqual([
    ".gitignore",
    "README.md",
    "small",
  ]);
  expect((await sandbox.run("git status --porcelain")).stdout).toBe("?? big\n");
  expect(notices()).toEqual(["checkpoint.files-left-out"]);
});

it("says that saving failed, and brings the work with the next checkpoint", async () => {
  let refusing = true;
  sandbox = await startSandboxUnderTest({
    script: shell,
    hub: { refuse: (path) => (refusing && path.startsWith("/bundle/") ? 422 : undefined) },
  });
  const failed = await sandbox.ended(sandbox.deliver("echo one > one"));
  expect(failed).toMatchObject({ outcome: "completed", saveError: "The server refused it (422): refused by the test" });
  expect(failed.checkpointId).toBeUndefined();
  refusing = false;
  const ended = await sandbox.ended(sandbox.deliver("echo two > two"));
  const commit = importBundle(ended.checkpointId);
  expect(git(sandbox.paths.mirror, "show", `${commit}:one`, `${commit}:two`)).toBe("one\ntwo");
});

it("sends with each turn only what is new, and everything where the server lost what it had", async () => {
  let losing = false;
  sandbox = await startSandboxUnderTest({
    script: shell,
    hub: {
      refuse: (path) => {
        if (!losing || !path.startsWith("/bundle/")) return undefined;
        losing = false;
        return 422;
      },
    },
  });
  const { baseCommit } = sandbox.spec;
  const prerequisitesOf = (checkpointId: string | undefined): string[] => {
    const upload = sandbox.hub.uploads.find(({ path }) => path === `/bundle/${checkpointId}`);
    const header = upload?.body.toString("latin1").split("\n\n")[0] ?? "";
    return [...header.matchAll(/^-([0-9a-f]{40})/gm)].map((match) => match[1] ?? "");
  };
  const first = await sandbox.ended(sandbox.deliver("echo one > one"));
  const saved = importBundle(first.checkpointId);
  expect(prerequisitesOf(first.checkpointId)).toEqual([baseCommit]);
  const second = await sandbox.ended(sandbox.deliver("echo two > two"));
  expect(prerequisitesOf(second.checkpointId)).toEqual([saved]);
  expect(git(sandbox.paths.mirror, "show", `${importBundle(second.checkpointId)}:one`)).toBe("one");

  losing = true;
  const third = await sandbox.ended(sandbox.deliver("echo three > three"));
  expect(third.saveError).toBeUndefined();
  expect(prerequisitesOf(third.checkpointId)).toEqual([baseCommit]);
});

it("sends a long output as a blob and keeps its ends inline", async () => {
  sandbox = await startSandboxUnderTest({ script: shell });
  await sandbox.ended(sandbox.deliver("seq 1 20000"));
  const tool = sandbox.settled()[0]?.tool;
  const blob = await sandbox.hub.until(() =>
    sandbox.hub.uploads.find(({ path }) => path === `/blob/${tool?.outputBlob}`),
  );
  expect(createHash("sha256").update(blob.body).digest("hex")).toBe(tool?.outputBlob);
  const all = Array.from({ length: 20_000 }, (_none, index) => `${index + 1}\n`).join("");
  expect(blob.body.toString("utf8")).toBe(all);
  expect(tool?.output?.startsWith("1\n2\n3\n")).toBe(true);
  expect(tool?.output?.endsWith("19999\n20000\n")).toBe(true);
  expect(tool?.output?.length).toBeLessThan(40_000);
});

it("shows the work of a child session under the call that began it, and the todo list", async () => {
  sandbox = await startSandboxUnderTest({
    script: ({ userText, toolResults: { length } }) => {
      if (userText.includes("CHILD")) {
        return length === 0
          ? [{ tool: "bash", input: { command: "echo inside", description: "d" } }]
          : [{ text: "Child is done." }];
      }
      if (length === 0)
        return [{ tool: "task", input: { description: "look", prompt: "CHILD", subagent_type: "general" } }];
      if (length === 1)
        return [{ tool: "todowrite", input: { todos: [{ content: "a", status: "in_progress", priority: "high" }] } }];
      return [{ text: "All done." }];
    },
  });
  await sandbox.ended(sandbox.deliver("Go"));
  const task = sandbox.settled().find(({ tool }) => tool?.name === "task");
  const children = sandbox.settled().filter(({ parentPartId }) => parentPartId !== undefined);
  expect(children.map(({ tool, text }) => tool?.output ?? text)).toEqual(["inside\n", "Child is done."]);
  expect(new Set(children.map(({ parentPartId }) => parentPartId))).toEqual(new Set([task?.partId]));
  expect(await sandbox.hub.untilReport("todo.updated")).toMatchObject({
    todos: [{ content: "a", status: "in_progress" }],
  });
});
