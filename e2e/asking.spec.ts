import { expect, test } from "@playwright/test";
import { createApi, sharedAccess } from "./api.ts";
import { makeRepository } from "./git-repository.ts";

test("the agent asks, the user answers on the page, and the agent goes on with the answer", async ({ page }) => {
  const access = sharedAccess();
  const api = createApi(access);
  const repository = makeRepository(access.reposDir, "asking");
  const { id } = await api.create({
    repository: repository.path,
    model: "demo/scripted",
    prompt: { text: "Ask me first [demo:ask]" },
  });
  await page.goto(`${new URL(access.url).origin}/sessions/${id}${new URL(access.url).hash}`);
  await expect(page.getByText("Which kind of note should the scripted demo write?").first()).toBeVisible({
    timeout: 120_000,
  });
  expect((await api.session(id)).session).toMatchObject({ status: "waiting", attention: "needs-you" });
  await page.reload();
  await page.getByRole("radio", { name: /Short/ }).check();
  await page.getByRole("button", { name: /^Answer/ }).click();
  expect(await api.ended(id)).toEqual(["completed"]);
  const events = await api.events(id);
  expect(events.find((event) => event.type === "question.answered")?.data).toMatchObject({ answers: [["Short"]] });
  expect(JSON.stringify(events.filter((event) => event.type === "part.settled"))).toContain("Heard: ");
  await expect(page.getByText(/Saved/)).toBeVisible();
});

test("a prompt sent into the running turn is answered by it", async ({ page }) => {
  const access = sharedAccess();
  const api = createApi(access);
  const repository = makeRepository(access.reposDir, "steering");
  const { id } = await api.create({
    repository: repository.path,
    model: "demo/scripted",
    prompt: { text: "Take your time [demo:slow]" },
  });
  await page.goto(`${new URL(access.url).origin}/sessions/${id}${new URL(access.url).hash}`);
  await expect(page.getByText(/tick 1 of 30/).first()).toBeVisible({ timeout: 150_000 });
  const composer = page.getByRole("textbox").last();
  await composer.fill("Keep it short");
  await composer.press("Alt+Enter");
  await expect
    .poll(async () => (await api.session(id)).prompts.map((prompt) => prompt.status), { timeout: 150_000 })
    .toEqual(["completed", "steered"]);
  expect((await api.events(id)).filter((event) => event.type === "prompt.starting")).toHaveLength(1);
  await expect(page.getByText("Keep it short").first()).toBeVisible();
});
