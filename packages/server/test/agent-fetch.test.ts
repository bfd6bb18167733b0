import { execFileSync } from "node:child_process";
import { join, relative } from "node:path";
import { describe, expect, test } from "vitest";
import { commitFile, useAgentSessions, userGit } from "../src/testing/agent-session.ts";

const open = useAgentSessions();

describe("git fetch in a sandbox, over real SSH", () => {
  test("brings what is on the remote, by way of the mirror", async () => {
    const { agent, server, bare, session, repository } = await open({ agentPush: "never" });
    const other = join(server.reposDir, "other");
    userGit(server.reposDir, "clone", "--quiet", bare, other);
    const who = ["-c", "user.name=Eve", "-c", "user.email=eve@example.org"];
    userGit(other, ...who, "commit", "--quiet", "--allow-empty", "-m", "News");
    userGit(other, "push", "--quiet", "origin", "HEAD:main", "HEAD:refs/heads/release/1");
    userGit(other, "push", "--quiet", "origin", "HEAD:refs/tags/v9");
    const news = userGit(other, "rev-parse", "HEAD");
    expect(await agent.run("git", "fetch", "--quiet")).toMatchObject({ exitCode: 0, stderr: "" });
    expect(agent.git("rev-parse", "origin/main", "origin/release/1")).toBe(`${news}\n${news}`);
    expect(agent.git("count-objects")).toBe("0 objects, 0 kilobytes");
    commitFile(agent, "one.txt");
    expect(await agent.run("git", "pull", "--quiet", "--no-edit", "--no-rebase", "origin", "main")).toMatchObject({
      exitCode: 0,
    });
    expect(agent.git("log", "-1", "--format=%P").split(" ")).toContain(news);
    // The user's own repository did not fetch, and has no ref more than before.
    expect(userGit(repository, "for-each-ref", "--format=%(refname) %(objectname)")).toBe(
      [`refs/heads/main ${session.baseCommit}`, `refs/remotes/origin/main ${session.baseCommit}`].join("\n"),
    );
  });

  test("finds a remote whose path is relative to the user's repository, and pushes there", async () => {
    const { agent, bare, session, repository } = await open({ agentPush: "auto" });
    userGit(repository, "remote", "set-url", "origin", relative(repository, bare));
    userGit(bare, "update-ref", "refs/heads/release", "main");
    expect(await agent.run("git", "fetch", "--quiet")).toMatchObject({ exitCode: 0, stderr: "" });
    expect(agent.git("rev-parse", "origin/release")).toBe(session.baseCommit);
    const head = commitFile(agent, "one.txt");
    expect(await agent.run("git", "push", "--quiet")).toMatchObject({ exitCode: 0, stderr: "" });
    expect(userGit(bare, "rev-parse", session.branch)).toBe(head);
  });

  test("without sight of the mirror it is sent what it lacks", async () => {
    const { agent, server, bare } = await open();
    userGit(server.reposDir, "clone", "--quiet", bare, "other");
    const other = join(server.reposDir, "other");
    const who = ["-c", "user.name=Eve", "-c", "user.email=eve@example.org"];
    userGit(other, ...who, "commit", "--quiet", "--allow-empty", "-m", "News");
    userGit(other, "push", "--quiet", "origin", "HEAD:main");
    // A copy of what it borrows, as where no file system is shared.
    agent.git("repack", "-a", "-d", "-q");
    execFileSync("rm", [join(agent.tree, ".git", "objects", "info", "alternates")]);
    expect(await agent.run("git", "fetch", "--quiet")).toMatchObject({ exitCode: 0, stderr: "" });
    expect(agent.git("rev-parse", "origin/main")).toBe(userGit(other, "rev-parse", "HEAD"));
    expect(agent.git("fsck", "--connectivity-only")).toBe("");
  });

  test.each([
    ["without a remote", { remote: false }, "has no remote to push to"],
    ["with GIT_CREDENTIALS=none", { env: { GIT_CREDENTIALS: "none" } }, "switched off on this machine"],
  ])("%s the base comes from the user's repository, and a push says why not", async (_name, options, words) => {
    const { agent, repository } = await open(options);
    userGit(repository, "commit", "--quiet", "--allow-empty", "-m", "The user's next");
    expect(await agent.run("git", "fetch", "--quiet", "origin")).toMatchObject({ exitCode: 0, stderr: "" });
    expect(agent.git("rev-parse", "origin/main")).toBe(userGit(repository, "rev-parse", "main"));
    commitFile(agent, "one.txt");
    expect(await agent.run("git", "push")).toMatchObject({ exitCode: 1, stderr: expect.stringContaining(words) });
  });
});
