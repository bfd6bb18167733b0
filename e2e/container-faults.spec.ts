import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { createApi } from "./api.ts";
import { makeRepository } from "./git-repository.ts";
import { startSystem } from "./start-system.ts";

/** Faults of real containers with the real supervisor and the real OpenCode in them. */

type System = Awaited<ReturnType<typeof startSystem>>;

function containersOf(system: System): string[] {
  const instance = readFileSync(join(system.dataDir, "instance-id"), "utf8").trim();
  const filter = `label=background-agents.instance=${instance}`;
  return execFileSync("docker", ["ps", "--quiet", "--filter", filter], { encoding: "utf8" })
    .split("\n")
    .filter(Boolean);
}

/** Starts a session whose agent runs the command, and waits until it printed `sign`. */
async function startCommand(system: System, command: string, sign: string | undefined) {
  const api = createApi(system);
  const repository = makeRepository(system.reposDir, "faulty");
  const { id, branch } = await api.create({
    repository: repository.path,
    model: "demo/scripted",
    prompt: { text: `[demo:command ${command}]` },
  });
  const statuses = async () => (await api.session(id)).prompts.map((prompt) => prompt.status);
  if (sign !== undefined) {
    const workspace = () =>
      execFileSync("docker", ["exec", containersOf(system)[0] ?? "", "sh", "-c", `cat /workspace/*/${sign}`], {
        stdio: "ignore",
      });
    await expect(() => void workspace()).toPass({ timeout: 150_000 });
  }
  return { api, repository, id, branch, statuses };
}

test("a container that is killed in mid-turn: the turn says why, and its work is on the branch with the next one", async () => {
  const system = await startSystem({ DEMO_PACE_MS: "0" });
  try {
    const command = "echo unsaved > unsaved.txt; sleep 300";
    const { api, repository, id, branch, statuses } = await startCommand(system, command, "unsaved.txt");
    execFileSync("docker", ["kill", ...containersOf(system)]);
    await expect.poll(statuses, { timeout: 60_000 }).toEqual(["failed"]);
    const failed = await api.session(id);
    expect(failed.prompts[0]?.error).toMatchObject({ code: "sandbox.lost", message: expect.stringContaining("137") });
    expect(failed.session.attention).toBe("needs-you");
    await api.call("POST", `/api/sessions/${id}/prompts`, { text: "Go on" });
    await expect.poll(statuses, { timeout: 150_000 }).toEqual(["failed", "completed"]);
    await repository.published(branch, "unsaved.txt");
    const events = await api.events(id);
    expect(events.map((event) => event.seq)).toEqual(events.map((_event, index) => index + 1));
  } finally {
    await system.stop();
  }
});

test("a sandbox that ended is started again by a button, with the tree that it had", async ({ page }) => {
  const system = await startSystem({ DEMO_PACE_MS: "0" });
  try {
    const { api, id } = await startCommand(system, "echo kept > kept.txt", undefined);
    expect(await api.ended(id)).toEqual(["completed"]);
    execFileSync("docker", ["kill", ...containersOf(system)]);
    await expect.poll(async () => (await api.session(id)).session.sandbox.status).toBe("failed");
    await page.goto(`${new URL(system.url).origin}/sessions/${id}${new URL(system.url).hash}`);
    await page.getByRole("tab", { name: "Logs" }).click();
    await page.getByRole("button", { name: "Start the sandbox" }).click();
    await expect.poll(async () => (await api.session(id)).session.sandbox.status, { timeout: 60_000 }).toBe("ready");
    const [container = ""] = containersOf(system);
    const kept = execFileSync("docker", ["exec", container, "sh", "-c", "cat /workspace/*/kept.txt"], {
      encoding: "utf8",
    });
    expect(kept).toBe("kept\n");
  } finally {
    await system.stop();
  }
});

test("a container that stands still: the link is given up and found again, and the turn ends as it should", async () => {
  const system = await startSystem({ DEMO_PACE_MS: "0", SANDBOX_SILENCE_MS: "4000" });
  try {
    const command = "touch begun; for i in 1 2 3 4 5 6 7 8; do echo step $i; sleep 1; done";
    const { api, id } = await startCommand(system, command, "begun");
    const [container = ""] = containersOf(system);
    execFileSync("docker", ["pause", container]);
    await expect
      .poll(() => system.lines.some((line) => line.includes("it has gone silent")), { timeout: 60_000 })
      .toBe(true);
    execFileSync("docker", ["unpause", container]);
    expect(await api.ended(id)).toEqual(["completed"]);
    const events = await api.events(id);
    expect(events.filter((event) => event.type === "sandbox.creating")).toHaveLength(1);
    const output = events.flatMap((event) =>
      event.type === "part.settled" && event.data.tool?.output?.includes("step 8") ? [event.data.tool.output] : [],
    );
    expect(output).toEqual([Array.from({ length: 8 }, (_, index) => `step ${index + 1}\n`).join("")]);
  } finally {
    await system.stop();
  }
});

test("a sandbox that runs out of memory says so, takes nothing else with it, and works again", async () => {
  const system = await startSystem({ DEMO_PACE_MS: "0", SANDBOX_MEMORY: "1200m" });
  try {
    const command = `python3 -c "blocks = [bytearray(20_000_000) for _ in range(500)]"; echo after`;
    const { api, id, statuses } = await startCommand(system, command, undefined);
    await expect.poll(async () => (await statuses())[0], { timeout: 150_000 }).toMatch(/failed|completed/);
    // The kernel ends the largest process: the agent, and the turn says why; or the command, and its output does.
    const told = JSON.stringify([(await api.session(id)).prompts, await api.events(id)]);
    expect(told).toMatch(/out of memory|Killed/);
    await api.call("POST", `/api/sessions/${id}/prompts`, { text: "Again" });
    await expect.poll(async () => (await statuses())[1], { timeout: 150_000 }).toBe("completed");
  } finally {
    await system.stop();
  }
});
