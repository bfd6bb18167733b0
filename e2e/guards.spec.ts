import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Page, test } from "@playwright/test";
import { createApi, sharedAccess } from "./api.ts";
import { makeRepository } from "./git-repository.ts";

const VALUE = "staging-5b1e90c47ad2";
const SCRIPT =
  'curl -sS -m 10 https://api.example.com; test -n "$STAGING_TOKEN" && echo "given: $STAGING_TOKEN"; exit 3';

async function expectAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa"]).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
}

test("what guards a session is set on the settings page, and answered in the session", async ({ page }) => {
  const access = sharedAccess();
  const api = createApi(access);
  const repository = makeRepository(access.reposDir, "guarded");
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(error.message));

  // From the repository's line to its rooms: script, secret, budget.
  const origin = new URL(access.url).origin;
  await page.goto(`${origin}/repositories${new URL(access.url).hash}`);
  await page.getByRole("link", { name: "Settings of guarded" }).click();
  const rooms = page.getByRole("navigation", { name: "Settings" });
  await rooms.getByRole("link", { name: "Setup script" }).click();
  const script = page.getByRole("region", { name: "Setup script" });
  await script.getByRole("textbox").fill(SCRIPT);
  await script.getByRole("button", { name: "Save" }).click();
  await expect(script.getByText("set here")).toBeVisible();
  await rooms.getByRole("link", { name: "Secrets" }).click();
  await page.getByRole("button", { name: "Add a secret" }).click();
  await page.getByRole("textbox", { name: "Name" }).fill("STAGING_TOKEN");
  await page.getByRole("textbox", { name: "Value" }).fill(VALUE);
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("list", { name: "Secrets" }).getByText("STAGING_TOKEN")).toBeVisible();
  await rooms.getByRole("link", { name: "Budgets" }).click();
  const budget = page.getByRole("region", { name: "Each session" });
  await budget.getByRole("textbox", { name: "Tokens" }).fill("1");
  await budget.getByRole("button", { name: "Save" }).click();
  await expect(budget.getByText("set here")).toBeVisible();
  for (const room of ["Models", "Network", "Permissions", "Usage", "Sandbox", "Git"]) {
    await rooms.getByRole("link", { name: room }).click();
    await expect(page.getByRole("heading", { name: room, level: 1 })).toBeVisible();
    await expectAccessible(page);
  }

  // The session meets all of it, and shows what can be done.
  const { id } = await api.create({
    repository: repository.path,
    model: "demo/scripted",
    title: "Meet the guards",
    prompt: { text: "Look around" },
  });
  await page.goto(`${origin}/sessions/${id}`);
  await expect(page.getByText("The setup script failed with exit code 3")).toBeVisible({ timeout: 120_000 });
  const card = page.getByRole("region", { name: "Budget reached" });
  await expect(card).toBeVisible({ timeout: 60_000 });
  await expect(page.getByText("1 secret", { exact: true })).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("button", { name: "This session: api.example.com" }).click();
  await expect(page.getByRole("region", { name: "Refused hosts" })).toHaveCount(0);
  await card.getByRole("button", { name: "No limit" }).click();
  await expect(card).toHaveCount(0);
  const { session } = await api.session(id);
  expect(session).toMatchObject({ allowedHosts: ["api.example.com"], blockedHosts: [], budgetReached: null });
  expect(session.setup?.logTail).toContain("given: ");
  expect(JSON.stringify(await api.events(id))).not.toContain(VALUE);
  expect(await page.content()).not.toContain(VALUE);
  expect(problems).toEqual([]);
});
