import { describe, expect, it } from "vitest";
import { useWaysOut } from "../src/testing/ways-out.ts";

/** The session's branch in the user's repository: when it is brought there, and what is in its way. */

const out = useWaysOut();
const { ask, begin, git, now, prompt, run } = out;

describe("publishing", () => {
  it("waits for the user where the session says so, and takes another name where one is in the way", async () => {
    await begin("a.txt", { publishMode: "manual" });
    expect((await now()).publishedCommit).toBeNull();
    git(out.path, "branch", out.session.branch);
    const refused = await run("publish");
    expect(refused).toMatchObject({ status: "failed", error: { code: "branch.conflicted" } });
    expect(refused.error?.advice).toContain("another name");
    expect((await now()).publishConflict).toContain(out.session.branch);

    expect(await run("publish", { branch: "agents/another" })).toMatchObject({ status: "succeeded" });
    const { branch, lastCommit, publishedCommit, publishConflict } = await now();
    expect({ branch, publishedCommit, publishConflict }).toEqual({
      ...{ branch: "agents/another", publishedCommit: lastCommit, publishConflict: null },
    });
    expect(git(out.path, "rev-parse", "agents/another")).toBe(lastCommit);
    expect(git(out.path, "rev-parse", out.session.branch)).toBe(out.session.baseCommit);

    await prompt("b.txt");
    expect(git(out.path, "rev-parse", "agents/another")).toBe(publishedCommit);
    await run("publish");
    expect(git(out.path, "rev-parse", "agents/another")).toBe((await now()).lastCommit);
  });

  it("follows again once what was in the way is gone; a branch that is gone is made again when asked to", async () => {
    await begin("a.txt");
    await out.watcher.waitForEvent("branch.published");
    const commit = git(out.path, "rev-parse", out.session.branch);
    git(out.path, "branch", "-D", out.session.branch);
    await prompt("b.txt");
    await out.watcher.waitForEvent("branch.conflicted");
    expect(await now()).toMatchObject({ publishObstacle: "branch", attention: "review" });
    expect(() => git(out.path, "rev-parse", "--verify", out.session.branch)).toThrow("rev-parse");
    git(out.path, "branch", out.session.branch, commit);
    await prompt("c.txt");
    await out.watcher.waitFor(
      ({ ...f }) => f.type === "session" && ![null, commit].includes(f.session.publishedCommit),
    );
    git(out.path, "branch", "-D", out.session.branch);
    expect((await run("publish")).status).toBe("succeeded");
    expect(await now()).toMatchObject({
      publishConflict: null,
      lastCommit: git(out.path, "rev-parse", out.session.branch),
    });
  });

  it.each(["main", "agents/../main", "agents/a b", "other"])("never goes to %j", async (branch) => {
    await begin("a.txt", { publishMode: "manual" });
    const answer = await ask("publish", { branch });
    expect(answer).toMatchObject({ status: 409, body: { error: { code: "branch.refused" } } });
  });
});
