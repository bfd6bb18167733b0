import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, type Page } from "@playwright/test";
import { createApi, sharedAccess } from "./api.ts";
import { makeRepository } from "./git-repository.ts";
import { startSystem } from "./start-system.ts";

/** What stands in the way is said on the page, with what to do; nothing is left stuck. */

async function startByHand(page: Page, repository: string, prompt: string): Promise<void> {
  await page.getByRole("button", { name: /^Repository:/ }).click();
  await page.getByPlaceholder("Search repositories").fill(repository);
  await page.keyboard.press("Enter");
  const composer = page.getByRole("textbox", { name: "What should the agent do?" });
  await composer.fill(prompt);
  await composer.press("ControlOrMeta+Enter");
}

test("the page refuses what is no repository, and what has no commit or no history, with the reason", async ({
  page,
}) => {
  const { url, reposDir } = sharedAccess();
  const path = (name: string): string => join(reposDir, name);
  mkdirSync(path("plain"), { recursive: true });
  execFileSync("git", ["init", "--quiet", path("empty")]);
  makeRepository(reposDir, "deep").git("commit", "--quiet", "--allow-empty", "-m", "More");
  execFileSync("git", ["clone", "--quiet", "--depth", "1", `file://${path("deep")}`, path("shallow")]);

  await page.goto(`${new URL(url).origin}/repositories${new URL(url).hash}`);
  await page.getByRole("button", { name: /add/i }).first().click();
  const dialog = page.getByRole("dialog");
  const cases = [
    [path("plain"), /not a git repository/i],
    [path("missing"), /nothing at/i],
    ["file:///etc", /.+/],
  ] as const;
  for (const [place, reason] of cases) {
    await dialog.getByRole("textbox").fill(place);
    await dialog.getByRole("button", { name: /^(add|clone)$/i }).click();
    await expect(dialog.getByRole("alert")).toHaveText(reason);
  }
  await page.keyboard.press("Escape");
  await expect(page.getByText(/first commit/i).first()).toBeVisible();
  await expect(page.getByText(/--unshallow/).first()).toBeVisible();
});

test("empty and 200 kB prompts are not sent, and the page says why", async ({ page }) => {
  const access = sharedAccess();
  makeRepository(access.reposDir, "prompts");
  const before = (await createApi(access).sessions()).length;
  await page.goto(access.url);
  const start = page.getByRole("button", { name: /^Start/ });
  await expect(start).toBeDisabled();
  await page.getByRole("textbox", { name: "What should the agent do?" }).fill("x".repeat(200_000));
  await expect(page.getByText(/longer than 131,072 characters/)).toBeVisible();
  await expect(start).toBeDisabled();
  expect(await createApi(access).sessions()).toHaveLength(before);
});

test("a missing image fails the prompt with the reason; it works once the image is back", async ({ page }) => {
  const image = "background-agents-e2e-image:missing";
  execFileSync("docker", ["tag", "background-agents-sandbox", image]);
  const system = await startSystem({ SANDBOX_IMAGE: image, DEMO_PACE_MS: "0" });
  try {
    execFileSync("docker", ["rmi", image], { stdio: "ignore" });
    makeRepository(system.reposDir, "imageless");
    await page.goto(system.url);
    await expect(page.getByText(/sandbox image .* is not built/)).toBeVisible();
    await startByHand(page, "imageless", "Do it");
    await page.waitForURL(/\/sessions\/ses_/);
    await expect(
      page
        .getByRole("alert")
        .getByText(/is not on this machine/)
        .first(),
    ).toBeVisible();
    execFileSync("docker", ["tag", "background-agents-sandbox", image]);
    await page.getByRole("button", { name: "Send the prompt again" }).first().click();
    await expect(page.getByText(/Saved/)).toBeVisible({ timeout: 120_000 });
  } finally {
    await system.stop();
    execFileSync("docker", ["rmi", image], { stdio: "ignore" });
  }
});

test("an engine that is down is said on the page and on the prompt, which waits and goes on when it is back", async ({
  page,
}) => {
  const engine = createSwitch();
  await engine.on();
  const system = await startSystem({ DOCKER_HOST: `unix://${engine.path}`, DEMO_PACE_MS: "0" });
  try {
    makeRepository(system.reposDir, "engineless");
    await engine.off();
    await page.goto(system.url);
    await expect(page.getByText(/Docker does not answer/)).toBeVisible();
    await startByHand(page, "engineless", "Do it");
    await page.waitForURL(/\/sessions\/ses_/);
    await expect(page.getByText(/Docker engine does not answer/).first()).toBeVisible();
    const [session] = await createApi(system).sessions();
    expect(session).toMatchObject({ status: "queued", attention: "needs-you" });
    await engine.on();
    await expect(page.getByText(/Saved/)).toBeVisible({ timeout: 120_000 });
  } finally {
    await engine.on();
    await system.stop();
    await engine.close();
  }
});

/** A socket that leads to the real engine while it is on: the engine "goes down" for one system only. */
function createSwitch() {
  const directory = mkdtempSync(join(tmpdir(), "engine-"));
  const path = join(directory, "engine.sock");
  let server: Server | undefined;
  const open = new Set<{ destroy(): void }>();
  return {
    path,
    async on(): Promise<void> {
      if (server) return;
      const made = createServer((client) => {
        const target = connect("/var/run/docker.sock");
        for (const socket of [client, target]) {
          open.add(socket);
          socket.on("error", () => undefined).on("close", () => open.delete(socket));
        }
        client.pipe(target).pipe(client);
      });
      server = made;
      await new Promise<void>((resolve) => made.listen(path, resolve));
    },
    async off(): Promise<void> {
      const closing = server;
      server = undefined;
      for (const socket of open) socket.destroy();
      if (closing) await new Promise<void>((resolve) => closing.close(() => resolve()));
    },
    async close(): Promise<void> {
      await this.off();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
