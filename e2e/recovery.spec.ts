import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { createApi } from "./api.ts";
import { findApiProcesses } from "./find-processes.ts";
import { makeRepository } from "./git-repository.ts";
import { startSystem } from "./start-system.ts";

test("the server is killed in the middle of a turn and the browser is closed: nothing is missing afterwards", async ({
  browser,
}) => {
  const system = await startSystem();
  try {
    const api = createApi(system);
    const repository = makeRepository(system.reposDir, "killed");
    const { id } = await api.create({
      repository: repository.path,
      model: "demo/scripted",
      prompt: { text: "Work through it [demo:command for i in $(seq 1 25); do echo line $i; sleep 1; done]" },
    });
    const address = `${new URL(system.url).origin}/sessions/${id}${new URL(system.url).hash}`;
    const first = await browser.newPage();
    await first.goto(address);
    await expect(first.getByText("line 3", { exact: false }).first()).toBeVisible({ timeout: 150_000 });

    const [server] = findApiProcesses(system.pid ?? -1);
    if (server === undefined) throw new Error("the API server was not found");
    process.kill(server, "SIGKILL");
    await first.close();
    await expect
      .poll(() => findApiProcesses(system.pid ?? -1).filter((pid) => pid !== server).length, { timeout: 30_000 })
      .toBe(1);

    const second = await browser.newPage();
    await expect(async () => {
      await second.goto(address);
      await expect(second.getByText(/line \d+/).first()).toBeVisible({ timeout: 5_000 });
    }).toPass({ timeout: 60_000 });
    await expect(second.getByText(/Saved/)).toBeVisible({ timeout: 150_000 });

    const events = await api.events(id);
    expect(events.map((event) => event.seq)).toEqual(events.map((_event, index) => index + 1));
    expect(events.filter((event) => event.type === "sandbox.creating")).toHaveLength(1);
    expect(events.filter((event) => event.type === "prompt.completed")).toHaveLength(1);
    const outputs = events.flatMap((event) =>
      event.type === "part.settled" && event.data.tool?.output?.includes("line 25") ? [event.data.tool.output] : [],
    );
    expect(outputs).toEqual([Array.from({ length: 25 }, (_, index) => `line ${index + 1}\n`).join("")]);
  } finally {
    await system.stop();
  }
});

test("container and volumes are removed: the next prompt finds the same tree and the same conversation", async () => {
  const system = await startSystem({ DEMO_PACE_MS: "0" });
  try {
    const api = createApi(system);
    const repository = makeRepository(system.reposDir, "rebuilt");
    const { id, branch } = await api.create({
      repository: repository.path,
      model: "demo/scripted",
      prompt: { text: "First" },
    });
    await expect.poll(async () => (await api.session(id)).session.publishedCommit, { timeout: 150_000 }).not.toBeNull();
    const before = repository.git("rev-parse", branch);

    const instance = readFileSync(join(system.dataDir, "instance-id"), "utf8").trim();
    const filter = ["--filter", `label=background-agents.instance=${instance}`];
    const list = (...kind: string[]): string[] =>
      execFileSync("docker", [...kind, "--quiet", ...filter], { encoding: "utf8" })
        .split("\n")
        .filter(Boolean);
    execFileSync("docker", ["rm", "--force", ...list("ps", "--all")]);
    execFileSync("docker", ["volume", "rm", ...list("volume", "ls")]);

    await api.call("POST", `/api/sessions/${id}/prompts`, { text: "Second" });
    await expect
      .poll(async () => (await api.session(id)).prompts.map((prompt) => prompt.status), { timeout: 150_000 })
      .toEqual(["completed", "completed"]);
    const events = await api.events(id);
    expect(
      events
        .filter((event) => event.type === "notice.raised")
        .map((event) => JSON.stringify(event.data))
        .join(),
    ).toContain("sandbox.rebuilt");
    const thought = events.findLast((event) => event.type === "part.settled" && event.data.kind === "reasoning");
    expect(JSON.stringify(thought?.data)).toContain("prompt 2");
    await expect.poll(() => repository.git("rev-parse", branch)).not.toBe(before);
    expect(repository.git("merge-base", before, branch)).toBe(before);
  } finally {
    await system.stop();
  }
});
