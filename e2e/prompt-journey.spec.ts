import { expect, test } from "@playwright/test";
import { createApi, sharedAccess } from "./api.ts";
import { makeRepository } from "./git-repository.ts";

/** The whole straight line, everything real: browser, API, SQLite, Docker, OpenCode, git, and back. */
test("a prompt becomes a branch; a reload in the middle loses nothing; a second prompt goes on", async ({ page }) => {
  const access = sharedAccess();
  const api = createApi(access);
  const repository = makeRepository(access.reposDir, "journey");
  const before = repository.state();
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("console", (message) => message.type() === "error" && problems.push(message.text()));

  await page.goto(access.url);
  await page.getByRole("button", { name: /^Repository:/ }).click();
  await page.getByPlaceholder("Search repositories").fill("journey");
  await page.keyboard.press("Enter");
  const composer = page.getByRole("textbox", { name: "What should the agent do?" });
  await composer.fill("Note what this project does");
  await expect(page.getByText(/scripted/i).first()).toBeVisible();
  await composer.press("ControlOrMeta+Enter");
  await page.waitForURL(/\/sessions\/ses_/);
  const id = new URL(page.url()).pathname.split("/").at(-1) ?? "";

  // Text is on the page while the turn still runs.
  await expect(page.getByText(/scripted demo model/).first()).toBeVisible({ timeout: 90_000 });
  expect((await api.session(id)).session.status).toBe("working");

  await page.reload();
  await expect(page.getByText(/scripted demo model/).first()).toBeVisible();

  await expect(page.getByText(/Saved/)).toBeVisible({ timeout: 90_000 });
  const { session } = await api.session(id);
  expect(session.status).toBe("idle");
  await expect(page.getByText(session.branch).first()).toBeVisible();

  // Every part that was stored is on the page after the reload, once.
  const events = await api.events(id);
  expect(events.map((event) => event.seq)).toEqual(events.map((_event, index) => index + 1));
  const commands = events.flatMap((event) =>
    event.type === "part.settled" && event.data.tool?.name === "bash" ? [String(event.data.tool.input["command"])] : [],
  );
  expect(commands.length).toBeGreaterThan(1);
  for (const command of commands) {
    await expect(page.getByRole("region", { name: `Command ${command}`, exact: true })).toHaveCount(1);
  }

  // The diff is on the page and the commit in the user's repository.
  const files = page.getByTestId("file-header");
  await expect(files).toHaveCount(session.changes?.files ?? -1);
  // It is published a moment after it was saved.
  await expect.poll(() => repository.git("branch", "--list", session.branch)).not.toBe("");
  const changed = repository.git("diff", "--name-only", `main...${session.branch}`).split("\n");
  expect(changed).toHaveLength(session.changes?.files ?? -1);
  await expect(files.getByText(changed[0]?.split("/").at(-1) ?? "?")).toBeVisible();
  await expect(page.getByText("Note what this project does").first()).toBeVisible();
  expect(repository.git("log", "-1", "--format=%an <%ae>", session.branch)).toBe("Ada Example <ada@example.org>");
  repository.git("fsck", "--strict", "--no-dangling");
  expect(repository.state()).toEqual(before);

  await page.screenshot({ path: "test-results/session.png" });

  // The conversation goes on in the same sandbox, and the branch moves.
  const prompt = page.getByRole("textbox", { name: /prompt|message|ask/i }).last();
  await prompt.fill("And once more");
  await prompt.press("ControlOrMeta+Enter");
  await expect(page.getByRole("heading", { name: "Turn 2" })).toBeVisible();
  expect((await api.ended(id)).at(-1)).toBe("completed");
  const after = await api.events(id);
  expect(after.filter((event) => event.type === "sandbox.creating")).toHaveLength(1);
  const thought = after.findLast((event) => event.type === "part.settled" && event.data.kind === "reasoning");
  expect(JSON.stringify(thought?.data)).toContain("prompt 2");
  const published = () => repository.git("log", "--format=%s", `main..${session.branch}`).split("\n").length;
  await expect(() => expect(published()).toBeGreaterThan(1)).toPass({ timeout: 60_000 });
  expect(repository.state()).toEqual(before);
  expect(problems).toEqual([]);
});

test("work that the agent did not commit is on the branch all the same", async () => {
  const access = sharedAccess();
  const api = createApi(access);
  const repository = makeRepository(access.reposDir, "uncommitted");
  const { id, branch } = await api.create({
    repository: repository.path,
    model: "demo/scripted",
    prompt: { text: "Leave it uncommitted [demo:no-commit]" },
  });
  await expect.poll(async () => (await api.session(id)).session.publishedCommit, { timeout: 120_000 }).not.toBeNull();
  const commands = (await api.events(id)).map((event) => JSON.stringify(event.data)).join("\n");
  expect(commands).not.toContain("git commit");
  expect(
    repository.git("log", "-1", "--format=%an|%(trailers:key=Background-Agents-Session,valueonly)", branch),
  ).toContain(`Ada Example|${id}`);
  expect(repository.git("diff", "--name-only", `main...${branch}`)).not.toBe("");
});

test("stop ends the turn as interrupted, keeps what was said, and the next prompt works", async () => {
  const access = sharedAccess();
  const api = createApi(access);
  const repository = makeRepository(access.reposDir, "stopped");
  const { id } = await api.create({
    repository: repository.path,
    model: "demo/scripted",
    prompt: { text: "[demo:command echo begun; sleep 300]" },
  });
  const status = async () => (await api.session(id)).prompts.map((prompt) => prompt.status);
  await expect
    .poll(async () => (await api.events(id)).some((event) => event.type === "part.settled"), { timeout: 120_000 })
    .toBe(true);
  await api.call("POST", `/api/sessions/${id}/stop`);
  await expect.poll(status, { timeout: 60_000 }).toEqual(["interrupted"]);
  await api.call("POST", `/api/sessions/${id}/prompts`, { text: "Go on" });
  await expect.poll(status, { timeout: 120_000 }).toEqual(["interrupted", "completed"]);
});
