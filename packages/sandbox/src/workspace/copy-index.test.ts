import { readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { git, makeSandboxFixture, type SandboxFixture } from "../testing/sandbox-fixture.ts";
import { cloneWorkspace } from "./clone-workspace.ts";
import { commitLeftovers } from "./commit-leftovers.ts";
import { createGit } from "./git-process.ts";
import { createLiveSnapshots } from "./live-snapshots.ts";

let fixture: SandboxFixture;
beforeEach(async () => {
  fixture = await makeSandboxFixture();
  const { paths, spec } = fixture;
  await cloneWorkspace({
    ...{ mirror: paths.mirror, workspace: paths.workspace, directory: spec.directory, generation: 0 },
    ...{ baseCommit: spec.baseCommit, branch: spec.branch, identity: spec.identity },
    onCheckedOut: async () => undefined,
    onLog: () => undefined,
  });
});
afterEach(() => fixture.remove());

it("sees a change of the same length from the very second in which the agent's git wrote its index", async () => {
  const { tree, spec } = fixture;
  const file = join(tree, "README.md");
  // All times of that second are set by hand, and the one time of a file that nobody can set is not looked at.
  const second = new Date("2020-01-01T00:00:00Z");
  git(tree, "config", "core.trustctime", "false");
  utimesSync(file, second, second);
  git(tree, "add", "README.md");
  const changed = readFileSync(file, "utf8").replace(/^./, "!");
  writeFileSync(file, changed);
  utimesSync(file, second, second);
  utimesSync(join(tree, ".git/index"), second, second);

  const order = { tree, git: createGit(tree), base: spec.baseCommit, identity: spec.identity, limitBytes: 2 ** 20 };
  const scratch = join(fixture.root, "scratch");
  const live = await createLiveSnapshots({ ...order, scratch }).take();
  expect(git(join(scratch, "live.git"), "show", `${live?.commit ?? "none"}:README.md`)).toBe(changed.trim());

  const turn = { branch: spec.branch, sessionId: spec.sessionId, promptText: "Go on", isTold: true };
  const { commit } = await commitLeftovers({ ...order, ...turn });
  expect(git(tree, "show", `${commit}:README.md`)).toBe(changed.trim());
});
