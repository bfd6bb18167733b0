import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import type { Checkpoint, Session } from "@background-agents/shared/sessions/session";
import { createApi } from "./api.ts";
import { makeRepository } from "./git-repository.ts";
import { startSystem } from "./start-system.ts";

test("going back, discarding, forking, following the base: the real agent works on in each state", async () => {
  test.setTimeout(900_000);
  const system = await startSystem({ DEMO_PACE_MS: "0" });
  try {
    const api = createApi(system);
    const repository = makeRepository(system.reposDir, "travel");
    writeFileSync(join(repository.path, ".git/info/exclude"), ".env\n");
    writeFileSync(join(repository.path, ".env"), "KEY=1\n");
    writeFileSync(join(repository.path, ".worktreeinclude"), ".env\n");
    const listed = await api.call<{ repositories: { id: string; path: string }[] }>("GET", "/api/repositories");
    expect(listed.repositories.map(({ path }) => path)).toEqual([repository.path]);
    const untouched = repository.state();

    const create = { repository: repository.path, model: "demo/scripted", title: "Travel" };
    const { id, branch, copiedFiles } = await api.create(create);
    expect(copiedFiles).toEqual([".env"]);
    const post = <T>(verb: string, body: unknown = {}) => api.call<T>("POST", `/api/sessions/${id}/${verb}`, body);
    /** Waits until the session's last work is on its branch. */
    const settled = async (sessionId: string): Promise<void> => {
      const standing = async () => {
        const { session, prompts } = await api.session(sessionId);
        const open = prompts.filter(({ status }) => status !== "completed");
        if (open.length > 0) return `${open.map(({ status }) => status).join()}: ${session.statusReason}`;
        if (session.lastCommit === null || session.publishedCommit !== session.lastCommit) {
          return `not on its branch: ${session.publishConflict}`;
        }
        return "settled";
      };
      await expect.poll(standing, { timeout: 240_000 }).toBe("settled");
    };
    /** One turn that runs a command in the tree; answers its checkpoint and how many prompts its agent knows of. */
    const turn = async (command: string) => {
      await post("prompts", { text: `Go on [demo:command ${command}]` });
      await settled(id);
      const { checkpoints } = await api.call<{ checkpoints: Checkpoint[] }>("GET", `/api/sessions/${id}/checkpoints`);
      const made = checkpoints.at(-1);
      if (!made) throw new Error("the turn left no checkpoint");
      return { checkpoint: made.id, knows: await promptsKnown(id) };
    };
    const promptsKnown = async (sessionId: string): Promise<number> => {
      const events = await api.events(sessionId);
      const thought = events.findLast((event) => event.type === "part.settled" && event.data.kind === "reasoning");
      return Number(/prompt (\d+) of this conversation/.exec(JSON.stringify(thought?.data))?.[1]);
    };
    const show = (path: string, of = branch) => repository.git("show", `${of}:${path}`);

    const first = await turn(
      "echo one > one.txt; cp .env env.txt; mkdir -p cache; echo x > cache/kept; echo cache/ >> .git/info/exclude",
    );
    expect(show("env.txt")).toBe("KEY=1");
    const second = await turn("echo two > two.txt");
    expect(second.knows).toBe(2);

    await post("revert", { checkpoint: first.checkpoint });
    await settled(id);
    expect(() => show("two.txt")).toThrow(/does not exist|exists on disk/);
    const third = await turn("ls . cache > seen.txt");
    expect(third.knows).toBe(2);
    expect(show("seen.txt").split("\n")).toEqual(expect.arrayContaining(["one.txt", "kept"]));
    expect(show("seen.txt")).not.toContain("two.txt");

    await post("discard", { files: [{ path: "one.txt" }] });
    const fourth = await turn("ls > seen.txt");
    expect(fourth.knows).toBe(3);
    expect(show("seen.txt")).not.toContain("one.txt");

    const forked = await post<{ session: Session }>("fork", {
      checkpoint: second.checkpoint,
      prompt: "Fork [demo:command ls > seen.txt; cat .env >> seen.txt]",
    });
    await settled(forked.session.id);
    expect(await promptsKnown(forked.session.id)).toBe(3);
    expect(show("seen.txt", forked.session.branch)).toMatch(/one\.txt[^]*two\.txt[^]*KEY=1/);
    const notices = (await api.events(forked.session.id)).filter(({ type }) => type === "notice.raised");
    expect(notices).toEqual([]);
    expect(repository.state()).toEqual(untouched);

    writeFileSync(join(repository.path, "upstream.txt"), "up\n");
    repository.git("add", "upstream.txt");
    repository.git("commit", "--quiet", "-m", "Upstream", "--", "upstream.txt");
    expect(await api.call("GET", `/api/sessions/${id}/base`)).toMatchObject({ behind: 1, conflicts: [] });
    expect(await post("update-base")).toMatchObject({ outcome: "merged" });
    const fifth = await turn("cat upstream.txt > seen.txt; git merge-base HEAD origin/main >> seen.txt || true");
    expect(fifth.knows).toBe(4);
    expect(show("seen.txt").split("\n")[0]).toBe("up");

    // Both sides change a line: the agent is told where, and solves it.
    await turn("sed -i 's/for tests/of the agent/' README.md");
    writeFileSync(join(repository.path, "README.md"), "# Example\n\nA project of the user.\n");
    repository.git("commit", "--quiet", "-m", "Say whose it is", "--", "README.md");
    const tip = repository.git("rev-parse", "main");
    const moved = { behind: 1, conflicts: ["README.md"], tip };
    expect(await api.call("GET", `/api/sessions/${id}/base`)).toMatchObject(moved);
    expect(await post("update-base")).toMatchObject({ outcome: "asked-agent" });
    await settled(id);
    expect(await api.call("GET", `/api/sessions/${id}/base`)).toMatchObject({ behind: 0, conflicts: [], commit: tip });
    expect(repository.git("rev-list", "--count", `${branch}..${tip}`)).toBe("0");
    expect(repository.git("rev-list", "--merges", "--parents", "-1", branch)).toContain(tip);
    expect(show("README.md")).toMatch(/of the agent[^]*of the user/);
    expect(show("README.md")).not.toMatch(/<<<<|>>>>/);

    await post("revert", { checkpoint: "base" });
    await settled(id);
    expect((await turn("ls > seen.txt")).knows).toBe(1);
    expect(show("seen.txt").split("\n")).toEqual(expect.arrayContaining(["README.md", "upstream.txt"]));
    expect(show("seen.txt")).not.toContain("env.txt");
  } finally {
    await system.stop();
  }
});
