import { readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { requireMovable } from "./move-work-tree.ts";
import { commitFiles, plainGit } from "./testing/git-fixture.ts";
import { makeSandbox } from "./testing/sandbox-fixture.ts";

let sandbox: Awaited<ReturnType<typeof makeSandbox>>;
beforeEach(async () => {
  sandbox = await makeSandbox();
});
afterEach(() => sandbox.remove());

it("sees a change of the same length from the very second in which the user's git wrote the index", async () => {
  const { git, user } = sandbox;
  const from = commitFiles(user, { "a.txt": "one\n" });
  const to = commitFiles(user, { "a.txt": "two\n" });
  plainGit(user, ["reset", "--quiet", "--hard", from]);
  // All times of that second are set by hand, and the one time of a file that nobody can set is not looked at.
  const second = new Date("2020-01-01T00:00:00Z");
  const file = join(user, "a.txt");
  plainGit(user, ["config", "core.trustctime", "false"]);
  utimesSync(file, second, second);
  plainGit(user, ["add", "a.txt"]);
  const move = { worktree: user, from, to };
  await expect(requireMovable(git, move)).resolves.toBeUndefined();

  writeFileSync(file, "own\n");
  utimesSync(file, second, second);
  utimesSync(join(user, ".git/index"), second, second);
  await expect(requireMovable(git, move)).rejects.toMatchObject({ code: "tree.not-clean" });
  expect(readFileSync(file, "utf8")).toBe("own\n");
});
