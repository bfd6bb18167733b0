import { expect, test } from "@playwright/test";
import type { ReviewComment } from "@background-agents/shared/reviews/comment";
import { startSshRemote } from "../packages/server/src/testing/ssh-remote.ts";
import { createApi } from "./api.ts";
import { makeRepository } from "./git-repository.ts";
import { startSystem } from "./start-system.ts";

/** From the diff to the branch on the remote, everything real: browser, container, OpenCode, git, and SSH on loopback. */
test("a review comment reaches the agent, is addressed, and the work is pushed over SSH", async ({ page }) => {
  test.setTimeout(420_000);
  const remote = await startSshRemote();
  const system = await startSystem({ ...remote.env, DEMO_PACE_MS: "2" });
  try {
    const api = createApi(system);
    const repository = makeRepository(system.reposDir, "shop");
    const { path: bare, url } = remote.makeBare("acme/shop");
    repository.git("remote", "add", "origin", url);
    repository.git("push", "--quiet", bare, "main");
    const before = repository.state();
    const { id, branch } = await api.create({
      repository: repository.path,
      model: "demo/scripted",
      title: "Begin the notes",
      prompt: { text: "Begin the notes [demo:command sed -i 's/A project for tests/For tests/' README.md]" },
    });
    const session = async () => (await api.session(id)).session;
    const comments = async () =>
      (await api.call<{ comments: ReviewComment[] }>("GET", `/api/sessions/${id}/comments`)).comments;
    await page.goto(`${new URL(system.url).origin}/sessions/${id}${new URL(system.url).hash}`);

    // The diff, and a comment on one of its lines.
    const inspector = page.getByRole("complementary", { name: "Inspector" });
    await expect.poll(async () => (await session()).status, { timeout: 240_000 }).toBe("idle");
    await expect(inspector.getByText("Written by the scripted demo model")).toBeVisible();
    await inspector.locator('diffs-container:has([data-path="NOTES.md"]) [data-column-number="3"]').click();
    await page.getByRole("textbox", { name: /^Comment on line 3 of NOTES\.md/ }).fill("Say that this can be undone");
    await page.getByRole("button", { name: /^Add comment/ }).click();
    const card = page.getByTestId("comment");
    await expect(card).toHaveAttribute("data-status", "draft");
    expect(await comments()).toMatchObject([
      { status: "draft", anchor: { path: "NOTES.md", side: "new", lines: { start: 3, end: 3 } } },
    ]);
    expect((await session()).openComments).toBe(1);
    await page.screenshot({ path: "test-results/review-draft.png" });
    await page.reload();
    await expect(card).toContainText("Say that this can be undone");

    // And one on a line that the agent removed: that it can only answer.
    await page.getByRole("treeitem", { name: /README\.md/ }).click();
    await page.locator('diffs-container:has([data-path="README.md"]) [data-column-number="3"]').first().click();
    await page.getByRole("textbox", { name: /^Comment on line 3 of README\.md/ }).fill("Bring the old words back");
    await page.getByRole("button", { name: /^Add comment/ }).click();
    await expect(card).toHaveCount(2);

    // Into the turn that runs: the agent changes one line and answers the other.
    await api.call("POST", `/api/sessions/${id}/prompts`, { text: "Go on [demo:command sleep 12]" });
    await page.getByRole("radio", { name: "Into this turn" }).click();
    await expect(page.getByText("sleep 12", { exact: true })).toBeVisible({ timeout: 60_000 });
    await page.screenshot({ path: "test-results/review-steer.png" });
    await page.getByRole("button", { name: /^Send 2 to agent/ }).click();
    const outcomes = async () => (await comments()).map(({ status }) => status);
    await expect.poll(outcomes, { timeout: 150_000 }).toEqual(["addressed", "answered"]);
    const { prompts } = await api.session(id);
    expect(prompts.map(({ status }) => status)).toEqual(["completed", "completed", "steered"]);
    expect(new Set(prompts.map(({ turnId }) => turnId)).size).toBe(2);
    const [addressed, answered] = await comments();
    expect(addressed?.outcome?.hunk).toContain(
      "+Written by the scripted demo model: one entry a prompt. (revised: C1)",
    );
    expect(answered?.outcome).toMatchObject({ hunk: null, answer: expect.stringContaining("cannot bring back lines") });
    expect((await session()).openComments).toBe(0);
    await page.getByRole("treeitem", { name: /README\.md/ }).click();
    await expect(page.locator('[data-testid=comment][data-status="answered"]')).toContainText(
      "cannot bring back lines",
    );
    await page.getByRole("treeitem", { name: /NOTES\.md/ }).click();
    const dealtWith = page.locator('[data-testid=comment][aria-label*="NOTES.md"]');
    await expect(dealtWith).toHaveAttribute("data-status", "addressed");
    await page.screenshot({ path: "test-results/review-addressed.png" });

    // The user has the last word on both.
    await dealtWith.getByRole("button", { name: "Reopen" }).click();
    await expect.poll(async () => (await session()).openComments).toBe(1);
    await dealtWith.getByRole("button", { name: "Resolve" }).click();
    await expect(dealtWith).toHaveAttribute("data-status", "resolved");
    expect((await session()).openComments).toBe(0);

    // Out, by the server with the user's own SSH.
    await page.getByRole("button", { name: /^Published/ }).click();
    await page.getByRole("menuitem", { name: /^Push/ }).click();
    await expect(page.getByRole("dialog").getByText("origin", { exact: false }).first()).toBeVisible();
    await page.screenshot({ path: "test-results/push-dialog.png" });
    await page.getByRole("dialog").getByRole("button", { name: "Push" }).click();
    await expect.poll(async () => (await session()).push?.branch, { timeout: 60_000 }).toBe(branch);
    const there = repository.git("ls-remote", bare, `refs/heads/${branch}`).split("\t")[0];
    expect(there).toBe((await session()).lastCommit);
    expect(remote.commands().some((command) => command.startsWith("git-receive-pack"))).toBe(true);
    await page.screenshot({ path: "test-results/pushed.png" });

    expect(repository.state()).toEqual(before);
    repository.git("fsck", "--strict", "--no-dangling");
  } finally {
    await system.stop();
    await remote.stop();
  }
});
