import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { createGate } from "../src/testing/gate.ts";
import { git } from "../src/testing/sandbox-fixture.ts";
import { type SandboxUnderTest, startSandboxUnderTest } from "../src/testing/sandbox-under-test.ts";
import type { Script, ScriptStep } from "../src/testing/script-step.ts";

let sandbox: SandboxUnderTest;
afterEach(() => sandbox.close());

const bash = (command: string): ScriptStep => ({ tool: "bash", input: { command, description: "d" } });

/** Runs commands one after the other, each one when its gate is open; then is done. */
function commands(
  steps: { command: string; after?: Promise<void> }[],
  done: Promise<void> = Promise.resolve(),
): Script {
  return ({ toolResults: { length } }) => {
    const step = steps[length];
    if (!step) return [{ wait: done }, { text: "Done." }];
    return [{ wait: step.after ?? Promise.resolve() }, bash(step.command)];
  };
}

const shown = () => sandbox.hub.uploads.filter(({ path }) => path.startsWith("/live/"));
const untilShown = (count: number) =>
  sandbox.hub.until(() => (shown().length >= count ? shown()[count - 1] : undefined));

/** Takes the n-th bundle in, as the server does, and answers its commit. */
function take(number: number): string {
  const upload = shown()[number - 1];
  if (!upload) throw new Error(`no ${number} bundles`);
  const file = join(sandbox.root, `live-${number}.bundle`);
  writeFileSync(file, upload.body);
  git(sandbox.paths.mirror, "fetch", "-q", file, "+refs/background-agents/head:refs/live");
  const commit = git(sandbox.paths.mirror, "rev-parse", "refs/live");
  expect(upload.query.get("commit")).toBe(commit);
  return commit;
}

it("shows the tree after tools, only what is new of it, and leaves the agent's own repository as it was", async () => {
  const [second, done] = [createGate(), createGate()];
  sandbox = await startSandboxUnderTest({
    supervisor: { liveDelayMs: 10 },
    script: commands(
      [
        { command: "seq 1 20000 > numbers; echo one > a; mkdir ignored; echo x > ignored/x" },
        { command: "echo two > a; rm README.md", after: second.opened },
      ],
      done.opened,
    ),
  });
  const turn = sandbox.deliver("Go");
  const first = await untilShown(1);
  expect(first.path).toBe(`/live/${turn.turnId}`);
  const one = take(1);
  expect(git(sandbox.paths.mirror, "show", `${one}:a`)).toBe("one");
  expect(git(sandbox.paths.mirror, "ls-tree", "--name-only", one).split("\n")).toEqual([
    ".gitignore",
    "README.md",
    "a",
    "numbers",
  ]);
  expect(git(sandbox.tree, "status", "--porcelain").split("\n")).toEqual(["?? a", "?? numbers"]);
  expect(git(sandbox.tree, "count-objects")).toMatch(/^0 objects/);

  second.open();
  const next = await untilShown(2);
  const two = take(2);
  expect(git(sandbox.paths.mirror, "ls-tree", "--name-only", two).split("\n")).toEqual([".gitignore", "a", "numbers"]);
  expect(git(sandbox.paths.mirror, "show", `${two}:a`)).toBe("two");
  expect(next.body.length).toBeLessThan(first.body.length / 10);

  done.open();
  const ended = await sandbox.ended(turn);
  expect(ended).toMatchObject({ outcome: "completed", checkpointId: expect.any(String) as string });
  expect(git(sandbox.tree, "log", "--format=%P", "-1", "HEAD")).toBe(sandbox.spec.baseCommit);
  const scratch = join(sandbox.paths.state, "live");
  expect(existsSync(scratch) ? readdirSync(scratch) : []).toEqual([]);
});

it("shows what a long command has done so far, before it ends", async () => {
  const marker = createGate();
  sandbox = await startSandboxUnderTest({
    supervisor: { liveDelayMs: 10 },
    script: commands([{ command: "echo begun > a; while [ ! -e ignored/go ]; do sleep 0.05; done" }], marker.opened),
  });
  const turn = sandbox.deliver("Go");
  await untilShown(1);
  expect(git(sandbox.paths.mirror, "show", `${take(1)}:a`)).toBe("begun");
  expect(sandbox.settled().filter(({ tool }) => tool)).toEqual([]);
  mkdirSync(join(sandbox.tree, "ignored"));
  writeFileSync(join(sandbox.tree, "ignored", "go"), "");
  marker.open();
  expect(await sandbox.ended(turn)).toMatchObject({ outcome: "completed" });
});

it("shows nothing where nothing changed, and begins anew after a refusal; the turn ends as ever", async () => {
  const [second, third, done] = [createGate(), createGate(), createGate()];
  let refusals = 1;
  sandbox = await startSandboxUnderTest({
    supervisor: { liveDelayMs: 10 },
    hub: {
      refuse: (path) => {
        if (!path.startsWith("/live/") || refusals === 0) return undefined;
        refusals -= 1;
        second.open();
        return 422;
      },
    },
    script: commands(
      [
        { command: "echo one > a" },
        { command: "true", after: second.opened },
        { command: "echo same > /dev/null", after: third.opened },
      ],
      done.opened,
    ),
  });
  const turn = sandbox.deliver("Go");
  await untilShown(1);
  expect(git(sandbox.paths.mirror, "show", `${take(1)}:a`)).toBe("one");
  third.open();
  await sandbox.hub.until(() => (sandbox.settled().filter(({ tool }) => tool).length === 3 ? true : undefined));
  done.open();
  expect(await sandbox.ended(turn)).toMatchObject({ outcome: "completed" });
  expect(shown()).toHaveLength(1);
});

it("does not keep the turn from ending while a look at the tree is under way", async () => {
  const held = createGate();
  sandbox = await startSandboxUnderTest({
    supervisor: { liveDelayMs: 10 },
    hub: { hold: (path) => (path.startsWith("/live/") ? held.opened : undefined) },
    script: commands([{ command: "echo one > a" }], held.opened),
  });
  const turn = sandbox.deliver("Go");
  await sandbox.hub.until(() => (sandbox.hub.heldUploads() > 0 ? true : undefined));
  sandbox.hub.send({ type: "turn.stop", turnId: turn.turnId });
  expect(await sandbox.ended(turn)).toMatchObject({
    outcome: "interrupted",
    checkpointId: expect.any(String) as string,
  });
  expect(shown()).toEqual([]);
  held.open();
});
