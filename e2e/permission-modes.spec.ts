import { expect, test } from "@playwright/test";
import { createApi, type Api } from "./api.ts";
import { findApiProcesses } from "./find-processes.ts";
import { makeRepository } from "./git-repository.ts";
import { startSystem } from "./start-system.ts";

/** Allows once whatever the agent asks, until it asks for something with `marker` in it, or its prompt has ended. */
async function allowUntil(api: Api, id: string, marker?: string): Promise<void> {
  let outcome: string | undefined;
  const look = async () => {
    const { session, prompts } = await api.session(id);
    for (const { permissionId, patterns } of session.asking.permissions) {
      if (marker !== undefined && patterns.join().includes(marker)) return (outcome = "asked");
      // Somebody may have answered meanwhile, or the agent no longer waits.
      await api
        .call("POST", `/api/sessions/${id}/permissions/${permissionId}`, { reply: "once" })
        .catch(() => undefined);
    }
    const last = prompts.at(-1);
    return last?.endedAt ? (outcome = last.error?.message ?? last.status) : undefined;
  };
  await expect.poll(look, { timeout: 300_000 }).toBeDefined();
  expect(outcome).toBe(marker === undefined ? "completed" : "asked");
}

test("a session that asks: allowed and refused on the page, across a reload and a killed server; then one that does not", async ({
  page,
}) => {
  test.setTimeout(900_000);
  const system = await startSystem({ DEMO_PACE_MS: "0" });
  try {
    const api = createApi(system);
    const repository = makeRepository(system.reposDir, "modes");
    const { id, branch } = await api.create({
      repository: repository.path,
      model: "demo/scripted",
      permissionMode: "ask",
      prompt: { text: "Try it [demo:command echo allowed > allowed.txt]" },
    });
    await page.goto(`${new URL(system.url).origin}/sessions/${id}${new URL(system.url).hash}`);
    await allowUntil(api, id, "allowed.txt");
    const card = page.getByLabel("The agent asks for permission");
    await expect(card.getByText(/allowed\.txt/)).toBeVisible();
    expect((await api.session(id)).session).toMatchObject({ status: "waiting", attention: "needs-you" });

    await page.reload();
    await expect(card.getByText(/allowed\.txt/)).toBeVisible();
    const [server] = findApiProcesses(system.pid ?? -1);
    if (server === undefined) throw new Error("the API server was not found");
    process.kill(server, "SIGKILL");
    await expect
      .poll(() => findApiProcesses(system.pid ?? -1).filter((pid) => pid !== server).length, { timeout: 60_000 })
      .toBe(1);
    await expect(async () => expect((await api.session(id)).session.status).toBe("waiting")).toPass({
      timeout: 60_000,
    });
    await page.reload();
    await card.getByRole("button", { name: /^Once/ }).click({ timeout: 60_000 });
    await allowUntil(api, id);
    await repository.published(branch, "allowed.txt");

    await api.call("POST", `/api/sessions/${id}/prompts`, { text: "Again [demo:command echo no > refused.txt]" });
    await allowUntil(api, id, "refused.txt");
    await card.getByRole("button", { name: /^Reject/ }).click();
    await card.getByLabel("Why not").fill("use the other file");
    await card.getByRole("button", { name: /^Reject/ }).click();
    await allowUntil(api, id);
    const events = await api.events(id);
    expect(
      events.findLast((event) => event.type === "permission.answered" && event.data.reply === "reject")?.data,
    ).toMatchObject({
      message: "use the other file",
    });
    const heard = events.filter((event) => event.type === "part.settled" && event.data.tool?.name === "bash");
    expect(JSON.stringify(heard)).toContain("use the other file");
    expect(repository.git("ls-tree", "--name-only", branch)).not.toContain("refused.txt");

    await api.call("PATCH", `/api/sessions/${id}`, { permissionMode: "auto" });
    const asked = events.filter((event) => event.type === "permission.asked").length;
    await api.call("POST", `/api/sessions/${id}/prompts`, { text: "Go on [demo:command echo free > free.txt]" });
    expect((await api.ended(id)).at(-1)).toBe("completed");
    expect((await api.events(id)).filter((event) => event.type === "permission.asked")).toHaveLength(asked);
    await repository.published(branch, "free.txt");
  } finally {
    await system.stop();
  }
});
