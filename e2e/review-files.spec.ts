import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { createApi, sharedAccess } from "./api.ts";
import { expectAccessible } from "./expect-accessible.ts";
import { makeRepository } from "./git-repository.ts";

const CHANGES = [
  "mkdir -p docs assets",
  "printf 'One\\nTwo\\n' > docs/new.md",
  "sed -i 's/Example/Sample/' README.md",
  "git mv src/add.js src/sum.js",
  "sed -i -e '3s/$/ changed/' -e '14s/^/    /' -e '30s/$/ changed/' long.txt",
  'printf \'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30"/>\' > assets/logo.svg',
].join(" && ");

/** What changed, file by file, everything real: kinds of files, marks, what is new since the last look, and taking back. */
test("the files of a review are read, marked, discarded and brought back", async ({ page }) => {
  test.setTimeout(300_000);
  const access = sharedAccess();
  const api = createApi(access);
  const repository = makeRepository(access.reposDir, "review-files");
  writeFileSync(join(repository.path, "long.txt"), Array.from({ length: 40 }, (_, at) => `Line ${at + 1}\n`).join(""));
  repository.git("add", "long.txt");
  repository.git("commit", "--quiet", "-m", "Add a long file", "--", "long.txt");
  const before = repository.state();
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  const { id, branch } = await api.create({
    repository: repository.path,
    model: "demo/scripted",
    title: "Change some files",
    prompt: { text: `Change some files [demo:command ${CHANGES}]` },
  });
  const session = async () => (await api.session(id)).session;
  await page.goto(`${new URL(access.url).origin}/sessions/${id}${new URL(access.url).hash}`);
  await expect.poll(async () => (await session()).status, { timeout: 150_000 }).toBe("idle");

  // Every kind of file, each in its place.
  const header = (path: string) => page.locator(`[data-testid=file-header][data-path="${path}"]`);
  const tree = page.getByRole("tree", { name: "Changed files" });
  const row = (name: string) => tree.getByRole("treeitem", { name: new RegExp(name.replace(".", "\\.")) });
  await expect(tree.getByRole("treeitem")).toHaveCount((await session()).changes?.files ?? -1);
  await row("sum.js").click();
  await expect(page.getByText("Renamed from src/add.js, with the same content.")).toBeVisible();
  await row("logo.svg").click();
  await expect(page.getByRole("img", { name: "Added: assets/logo.svg" })).toBeVisible();
  await expect(page.getByText("40 × 30")).toBeVisible();
  await page.screenshot({ path: "test-results/review-files.png" });

  // Viewed files fold, and the server remembers.
  await row("README.md").click();
  await header("README.md").getByRole("checkbox", { name: "Viewed" }).check();
  await expect(header("README.md").getByRole("button", { name: "Unfold README.md" })).toBeVisible();
  await page.reload();
  await row("README.md").click();
  await expect(header("README.md").getByRole("checkbox", { name: "Viewed" })).toBeChecked();
  await page.keyboard.press("v");
  await expect(header("README.md").getByRole("button", { name: "Fold README.md" })).toBeVisible();

  // The keys go from file to file; white space, the two columns and one turn alone are shown or not, as the user wants.
  const selected = tree.getByRole("treeitem", { selected: true });
  const number = (line: number) =>
    page.locator(`diffs-container:has([data-path="long.txt"]) [data-column-number="${line}"]`);
  await row("long.txt").click();
  await expect(number(14).first()).toBeVisible();
  await expect(selected).toContainText("long.txt");
  await page.keyboard.press("p");
  await expect(selected).not.toContainText("long.txt");
  await page.keyboard.press("n");
  await expect(selected).toContainText("long.txt");
  const look = async (name: string) => {
    await page.getByRole("button", { name: "How the changes are shown" }).click();
    await page.getByRole("menuitemcheckbox", { name }).click();
    await page.keyboard.press("Escape");
  };
  await look("Hide changes of whitespace");
  await expect(number(14)).toHaveCount(0);
  await expect(number(30).first()).toBeVisible();
  await look("Hide changes of whitespace");
  await expect(number(14)).toHaveCount(2);
  const edge = await page.getByRole("separator").last().boundingBox();
  await page.mouse.move((edge?.x ?? 0) + 4, 400);
  await page.mouse.down();
  await page.mouse.move(600, 400, { steps: 4 });
  await page.mouse.up();
  await page.getByRole("radio", { name: "Split" }).click();
  // A line that nothing changed stands in both columns.
  await expect(number(29)).toHaveCount(2);
  await page.screenshot({ path: "test-results/review-split.png" });
  await page.getByRole("radio", { name: "Unified" }).click();
  await expect(number(29)).toHaveCount(1);

  // One hunk of a file is taken back, on the branch too, and brought back again.
  const long = () => repository.git("show", `${branch}:long.txt`).split("\n");
  await expect.poll(long).toContain("Line 30 changed");
  await number(30).last().scrollIntoViewIfNeeded();
  await number(29).hover();
  await number(30).last().hover();
  await page.getByRole("button", { name: "Discard this change" }).click();
  await expect.poll(long).toContain("Line 30");
  expect(long()).toEqual(expect.arrayContaining(["Line 3 changed", "    Line 14"]));
  await expect(number(30)).toHaveCount(0);
  await page.getByRole("status").getByRole("button", { name: "Undo" }).click();
  await expect.poll(long).toContain("Line 30 changed");
  await expect(number(30)).toHaveCount(2);

  // A comment on several lines; edited, deleted, and had again. First the scrolling: while it lasts, no press reaches a line.
  await number(33).scrollIntoViewIfNeeded();
  await number(31).hover();
  await page.mouse.down();
  await number(33).hover();
  await page.mouse.up();
  await page.getByRole("textbox", { name: "Comment on lines 31–33 of long.txt" }).fill("Say why");
  await page.keyboard.press("ControlOrMeta+Enter");
  const card = page.getByTestId("comment");
  await expect(card).toContainText("lines 31–33");
  await card.getByRole("button", { name: "Edit" }).click();
  await page.getByRole("textbox", { name: "Text of the comment" }).fill("Say why, in one line");
  await page.getByRole("button", { name: /^Save/ }).click();
  await expect(card).toContainText("Say why, in one line");
  await card.getByRole("button", { name: "Delete" }).click();
  await expect(card).toHaveCount(0);
  await page.getByRole("status").getByRole("button", { name: "Undo" }).click();
  await expect(card).toContainText("Say why, in one line");
  expect((await session()).openComments).toBe(1);

  // What has been looked at is nothing new.
  await page.getByRole("button", { name: "How the changes are shown" }).click();
  await page.getByRole("menuitem", { name: /^Mark all as reviewed/ }).click();
  await expect.poll(async () => (await session()).lookedCheckpointId).toBe((await session()).lastCheckpointId);
  await page.getByRole("button", { name: /^Shown:/ }).click();
  await page.getByRole("option", { name: /^Since my last look/ }).click();
  await expect(page.getByText("Nothing has changed since your last look.")).toBeVisible();
  await page.getByRole("button", { name: /^Shown:/ }).click();
  await page.getByRole("option", { name: "All changes" }).click();

  // A file is taken back, on the branch too, and brought back again.
  const onBranch = () => repository.git("ls-tree", "-r", "--name-only", branch).split("\n");
  await expect.poll(onBranch).toContain("docs/new.md");
  await row("new.md").click();
  await page.getByRole("button", { name: "More for docs/new.md" }).click();
  await page.getByRole("menuitem", { name: /^Discard changes/ }).click();
  await expect(row("new.md")).toHaveCount(0);
  await expect.poll(onBranch).not.toContain("docs/new.md");
  await page.getByRole("status").getByRole("button", { name: "Undo" }).click();
  await expect(row("new.md")).toHaveCount(1);
  await expect.poll(onBranch).toContain("docs/new.md");

  expect(repository.state()).toEqual(before);
  expect(problems).toEqual([]);
  // Last: the checker itself runs against the page's content security policy.
  await expectAccessible(page, "aside");
});
