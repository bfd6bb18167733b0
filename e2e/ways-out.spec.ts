import { execFileSync } from "node:child_process";
import { chmodSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import type { Job } from "@background-agents/shared/jobs/job";
import { startSshRemote } from "../packages/server/src/testing/ssh-remote.ts";
import { startStandInGitHub, STAND_IN_HOST } from "../packages/server/src/testing/stand-in-github.ts";
import { createApi } from "./api.ts";
import { makeRepository } from "./git-repository.ts";
import { startSystem } from "./start-system.ts";

/** Three pushes of the agent: the user refuses the first, allows the second and all later ones. */
const PUSHES = [
  "sed -i 's/a + b/b + a/' src/add.js",
  "git commit -qam 'Turn it round'",
  "(git push -q origin HEAD || echo the first was not done)",
  "echo two > two.txt && git add -A && git commit -qm Two && git push -q origin HEAD && echo the second went",
  "echo three > three.txt && git add -A && git commit -qm Three && git push -q origin HEAD && echo the third went",
].join("; ");

/**
 * Browser, containers, OpenCode, git, SSH on loopback and the real gh; a local server stands in for GitHub. Two sessions
 * of one repository: what goes wrong on the way out is shown with its reason, and mended from the page.
 */
test("work gets out past approvals, overlaps, conflicts and failed pushes, to a pull request against a stand-in for GitHub", async ({
  page,
}) => {
  test.setTimeout(900_000);
  const remote = await startSshRemote();
  const github = await startStandInGitHub();
  const system = await startSystem({ ...remote.env, ...github.env, DEMO_PACE_MS: "0" });
  try {
    const api = createApi(system);
    const repository = makeRepository(system.reposDir, "example");
    const { path: bare, url } = remote.makeBare("ada/example", STAND_IN_HOST);
    repository.git("remote", "add", "origin", url);
    repository.git("push", "--quiet", bare, "main");
    const before = repository.state();
    const begin = (title: string, command: string) =>
      api.create({
        repository: repository.path,
        model: "demo/scripted",
        title,
        prompt: { text: `${title} [demo:command ${command}]` },
      });
    const pushing = await begin("Turn the sum round", PUSHES);
    const { id } = await begin("Round the sum", "sed -i 's/a + b/Math.round(a + b)/' src/add.js");
    const session = async () => (await api.session(id)).session;
    const { origin, hash } = new URL(system.url);
    const idle = (which: string) =>
      expect.poll(async () => (await api.session(which)).session.status, { timeout: 420_000 }).toBe("idle");

    // The agent's own pushes: refused with a word, then allowed for good.
    await page.goto(`${origin}/sessions/${pushing.id}${hash}`);
    const card = page.getByRole("region", { name: "The agent asks for approval" });
    await expect(card).toContainText(`push ${pushing.branch} to origin`, { timeout: 420_000 });
    await page.screenshot({ path: "test-results/agent-push-asked.png" });
    await card.getByRole("button", { name: /^Refuse/ }).click();
    await card.getByRole("textbox", { name: "Why not" }).fill("Not before it has a second file");
    await card.getByRole("button", { name: "Refuse" }).click();
    await expect(card).toContainText("Two");
    await card.getByRole("button", { name: /^Always in this session/ }).click();
    await idle(pushing.id);
    await expect(page.getByText(/^Refused: push/)).toContainText("Not before it has a second file");
    const asked = (await api.events(pushing.id)).filter(({ type }) => type === "approval.asked");
    expect(asked).toHaveLength(2);
    const output = (await api.events(pushing.id))
      .flatMap((event) => (event.type === "part.settled" ? [event.data.tool?.output ?? ""] : []))
      .join("\n");
    expect(output).toContain("Not before it has a second file");
    expect(output).toMatch(/the first was not done[^]*the second went[^]*the third went/);
    expect(show(bare, "log", "--format=%s", "-3", pushing.branch).split("\n")).toContain("Three");

    // The same lines in both: each leads to the other.
    await idle(id);
    const radar = page.getByRole("list", { name: "Other sessions on the same lines" });
    await expect(radar).toContainText("src/add.js (conflicts)");
    await page.screenshot({ path: "test-results/overlap.png" });
    await radar.getByRole("link", { name: "Round the sum" }).click();
    await expect(page).toHaveURL(new RegExp(id));
    await expect(radar.getByRole("link", { name: "Turn the sum round" })).toBeVisible();

    // The user's own commit on the branch stays where it is; the work goes to another name.
    const first = (await session()).branch;
    const mine = repository.git("commit-tree", "-p", first, "-m", "Mine", `${first}^{tree}`);
    repository.git("-c", "core.logAllRefUpdates=false", "update-ref", `refs/heads/${first}`, mine);
    await page.getByRole("textbox", { name: "Prompt" }).fill("Go on");
    await page.getByRole("button", { name: /^Send/ }).click();
    await page.getByRole("button", { name: "Not published" }).click({ timeout: 120_000 });
    await expect(page.getByRole("menu")).toContainText(`moved to ${mine.slice(0, 10)}`);
    await page.screenshot({ path: "test-results/publish-conflict.png" });
    await page.getByRole("menuitem", { name: /^Publish under another name/ }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Publish" }).click();
    await expect.poll(async () => (await session()).branch).toBe(`${first}-2`);
    await expect(page.getByRole("button", { name: "Published" })).toBeVisible();
    const { branch, lastCommit } = await session();
    expect(repository.git("rev-parse", first, branch).split("\n")).toEqual([mine, lastCommit]);

    // A push that the remote declines, one that hangs and is cancelled, one that works.
    const hook = join(bare, "hooks", "pre-receive");
    const setHook = (line: string): void => {
      writeFileSync(hook, `#!/bin/sh\n${line}\n`);
      chmodSync(hook, 0o755);
    };
    setHook("echo No pushes on a Friday >&2; exit 1");
    await page.getByRole("button", { name: "Published" }).click();
    await page.getByRole("menuitem", { name: /^Push/ }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Push" }).click();
    const tray = page.getByRole("region", { name: "Job" });
    await expect(tray).toContainText("It said: No pushes on a Friday");
    await tray.getByRole("button", { name: "Log" }).click();
    await expect(tray.getByLabel("Log", { exact: true })).toContainText("pre-receive hook declined");
    await page.screenshot({ path: "test-results/push-failed.png" });
    setHook("echo Thinking it over >&2; exec sleep 600");
    await tray.getByRole("button", { name: "Try again" }).click();
    await expect(tray).toContainText("Thinking it over");
    await tray.getByRole("button", { name: "Cancel" }).click();
    await expect(tray).toContainText("You cancelled this.");
    rmSync(hook);
    await tray.getByRole("button", { name: "Try again" }).click();
    await expect(tray.getByLabel("done")).toBeVisible();
    expect(show(bare, "rev-parse", branch)).toBe(lastCommit);
    const { jobs } = await api.call<{ jobs: Job[] }>("GET", `/api/sessions/${id}/jobs`);
    expect(jobs.filter(({ kind }) => kind === "push").map(({ status }) => status)).toEqual([
      ...["succeeded", "failed", "failed"],
    ]);

    // The pull request: opened, looked at, and what is wrong with it handed to the agent.
    await page.getByRole("button", { name: "Pull request", exact: true }).click();
    const dialog = page.getByRole("dialog");
    await expect(dialog.getByRole("textbox", { name: "Title" })).toHaveValue("Round the sum");
    await dialog.getByRole("button", { name: "Open pull request" }).click();
    await expect(tray).toContainText("Pull request #1");
    const [pull] = github.pulls;
    expect(pull).toMatchObject({ title: "Round the sum", base: "main", head: branch, state: "OPEN" });
    if (!pull) throw new Error("The stand-in has no pull request.");
    Object.assign(pull, {
      checks: [
        {
          ...{ __typename: "CheckRun", name: "test", status: "COMPLETED", conclusion: "FAILURE" },
          detailsUrl: `http://${STAND_IN_HOST}/ada/example/actions/runs/7/job/7`,
        },
        { ...{ __typename: "CheckRun", name: "lint", status: "COMPLETED", conclusion: "SUCCESS", detailsUrl: "" } },
      ],
      lineComments: [
        {
          ...{ id: 1, user: { login: "grace" }, body: "Say why it is **rounded**.", path: "src/add.js", line: 1 },
          ...{ html_url: "", created_at: new Date().toISOString() },
        },
      ],
    });
    github.logs.set(7, "expected 3, received 2.9999\n");
    await page.getByRole("tab", { name: /^Pull request/ }).click();
    await page.getByRole("button", { name: /^just now|ago$/ }).click();
    await expect(page.getByRole("region", { name: "Checks" })).toContainText("test");
    await page.getByRole("checkbox", { name: /^Failed ones to the agent/ }).check();
    await page.getByRole("checkbox", { name: /^Send what grace said/ }).check();
    await page.screenshot({ path: "test-results/pull-request.png" });
    await page.getByRole("button", { name: "Send to agent" }).click();
    await expect.poll(async () => (await api.session(id)).prompts.length).toBe(3);
    const { prompts } = await api.session(id);
    expect(prompts[2]?.text).toContain("expected 3, received 2.9999");
    expect(prompts[2]?.text).toContain("`src/add.js:1`, by grace");
    await page.getByRole("button", { name: "Push update" }).click({ timeout: 120_000 });
    await expect(async () => expect(show(bare, "rev-parse", branch)).toBe((await session()).lastCommit)).toPass({
      timeout: 60_000,
    });

    expect(repository.state()).toEqual(before);
    repository.git("fsck", "--strict", "--no-dangling");
  } finally {
    await system.stop();
    await github.close();
    await remote.stop();
  }
});

function show(bare: string, ...args: string[]): string {
  return execFileSync("git", ["-C", bare, ...args], { encoding: "utf8", stdio: "pipe" }).trim();
}
