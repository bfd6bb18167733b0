import { execFileSync } from "node:child_process";
import { expect, test } from "@playwright/test";
import { createApi, sharedAccess } from "./api.ts";
import { expectAccessible } from "./expect-accessible.ts";
import { makeRepository } from "./git-repository.ts";

const VALUE = "staging-5b1e90c47ad2";
const SETUP_VALUE = "deploy-c20f7a13b8e6";
const SCRIPT =
  'curl -sS -m 10 https://api.example.com; test -n "$STAGING_TOKEN" && echo "given: $STAGING_TOKEN $DEPLOY_KEY"; exit 3';

/** What a process of the agent's container can find: in the environment of each process there, and in its files. */
function readAgentContainer(sessionId: string): string {
  const ids = ["ps", "--quiet", "--filter", `label=background-agents.session=${sessionId}`];
  const container = execFileSync("docker", ids, { encoding: "utf8" }).trim();
  const look = `cat /proc/[0-9]*/environ 2>/dev/null; grep -rl -e ${SETUP_VALUE} /state /workspace /tmp 2>/dev/null | sed s/^/FOUND:/`;
  return execFileSync("docker", ["exec", container, "sh", "-c", `${look}; true`], { encoding: "utf8" });
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
  for (const [name, value, whose] of [
    ["STAGING_TOKEN", VALUE, "The agent and all it starts"],
    ["DEPLOY_KEY", SETUP_VALUE, "The setup script alone"],
  ] as const) {
    await page.getByRole("button", { name: "Add a secret" }).click();
    await page.getByRole("textbox", { name: "Name" }).fill(name);
    await page.getByRole("textbox", { name: "Value" }).fill(value);
    await page.getByRole("radio", { name: whose }).click();
    await page.getByRole("button", { name: "Save" }).click();
    await expect(page.getByRole("list", { name: "Secrets" }).getByText(name)).toBeVisible();
  }
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
  await expect(page.getByText(/in a container of its own, with .*DEPLOY_KEY/).first()).toBeVisible();
  const card = page.getByRole("region", { name: "Budget reached" });
  await expect(card).toBeVisible({ timeout: 120_000 });
  await expect(page.getByText("1 secret", { exact: true })).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("button", { name: "This session: api.example.com" }).click();
  await expect(page.getByRole("region", { name: "Refused hosts" })).toHaveCount(0);
  await card.getByRole("button", { name: "No limit" }).click();
  await expect(card).toHaveCount(0);
  const { session } = await api.session(id);
  expect(session).toMatchObject({ allowedHosts: ["api.example.com"], blockedHosts: [], budgetReached: null });
  expect(session.setup?.logTail).toContain("given: [secret STAGING_TOKEN] [secret DEPLOY_KEY]");
  expect(session.setup?.secretNames).toEqual(["DEPLOY_KEY", "STAGING_TOKEN"]);
  expect(session.secretNames).toEqual(["STAGING_TOKEN"]);
  const shown = JSON.stringify(await api.events(id)) + (await page.content());
  for (const value of [VALUE, SETUP_VALUE]) expect(shown).not.toContain(value);
  // The agent's container has the agent's secret, and nothing of the script's.
  const inside = readAgentContainer(id);
  expect(inside).toContain(VALUE);
  expect(inside).not.toMatch(new RegExp(`${SETUP_VALUE}|DEPLOY_KEY|FOUND:`));
  expect(problems).toEqual([]);
});
