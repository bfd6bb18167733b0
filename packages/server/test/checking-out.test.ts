import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { useWaysOut } from "../src/testing/ways-out.ts";

/** The work tree that is made for a session: it follows its branch, and is removed again. */

const out = useWaysOut();
const { ask, begin, git, now, prompt, run } = out;

it("makes a work tree that follows the turns while it is clean, and outlives the session", async () => {
  await begin("a.txt");
  await out.watcher.waitForEvent("branch.published");
  const job = await run("checkout");
  expect(job.status).toBe("succeeded");
  const tree = join(out.server.reposDir, "example.worktrees", out.session.branch.slice("agents/".length));
  expect((await now()).checkout).toMatchObject({ path: tree });
  expect(readFileSync(join(tree, "a.txt"), "utf8")).toBe("content\n");

  await prompt("b.txt");
  await out.watcher.waitFor(
    (frame) => frame.type === "event" && frame.event.type === "branch.published" && frame.event.data.followed === tree,
  );
  expect((await now()).checkout).toEqual({ path: tree, commit: (await now()).lastCommit });
  expect(existsSync(join(tree, "b.txt"))).toBe(true);
  expect(git(tree, "status", "--porcelain")).toBe("");
  writeFileSync(join(tree, "b.txt"), "mine\n");
  await prompt("c.txt");
  await out.watcher.waitForEvent("branch.conflicted");
  expect((await now()).publishConflict).toContain("b.txt");
  expect((await run("checkout")).error?.code).toBe("branch.conflicted");
  git(tree, "checkout", "--quiet", "b.txt");
  expect((await run("checkout")).status).toBe("succeeded");
  expect(existsSync(join(tree, "c.txt"))).toBe(true);
  expect((await now()).publishConflict).toBeNull();

  const { body } = await out.server.call("GET", "/api/repositories");
  expect((body as { repositories: { path: string }[] }).repositories.map((one) => one.path)).toEqual([out.path]);
  await out.server.call("DELETE", `/api/sessions/${out.session.id}`);
  expect(existsSync(join(tree, "c.txt"))).toBe(true);
  const again = await ask("push");
  expect(again).toMatchObject({ status: 409, body: { error: { code: "session.deleted" } } });
});

it("removes the work tree it made, but nothing that the user has there and nowhere else", async () => {
  await begin("a.txt");
  const early = await ask("remove-checkout");
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
  await out.watcher.waitForEvent("branch.published");
  await run("checkout");
  const tree = (await now()).checkout?.path ?? "";
  await prompt(".envrc");
  expect(await out.watcher.waitForEvent("branch.conflicted")).toMatchObject({
    data: { reason: expect.stringContaining(".envrc") },
  });
  expect(existsSync(join(tree, ".envrc"))).toBe(false);
  expect((await run("publish")).error?.message).toContain(".envrc");
  expect(existsSync(join(tree, ".envrc"))).toBe(false);
  const asked = await ask("checkout");
  expect(asked).toMatchObject({ status: 409, body: { error: { code: "work.executes" } } });
  expect((await run("checkout", { acknowledgeExecuted: true, commit: (await now()).lastCommit })).status).toBe(
    "succeeded",
  );
  expect(readFileSync(join(tree, ".envrc"), "utf8")).toBe("content\n");
  expect((await now()).publishConflict).toBeNull();
});
