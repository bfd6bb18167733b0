import { execFileSync } from "node:child_process";
import { basename } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { commitFile, openAgentSession, userGit, type AgentSession } from "../src/testing/agent-session.ts";
import { startSshRemote, type SshRemote } from "../src/testing/ssh-remote.ts";
import { startStandInGitHub, STAND_IN_HOST, type StandInGitHub } from "../src/testing/stand-in-github.ts";

let ssh: SshRemote;
let github: StandInGitHub;
let opened: AgentSession | undefined;
beforeAll(async () => {
  ssh = await startSshRemote();
});
afterAll(() => ssh.stop());
beforeEach(async () => {
  github = await startStandInGitHub();
  for (const [name, value] of Object.entries({ ...ssh.env, ...github.env })) {
    if (name !== "TMPDIR") vi.stubEnv(name, value);
  }
});
afterEach(async () => {
  await opened?.close();
  await github.close();
  vi.unstubAllEnvs();
});

const open = async (agentPush: string): Promise<AgentSession> =>
  (opened = await openAgentSession(ssh, { agentPush, host: STAND_IN_HOST }));

describe("gh in a sandbox, against a stand-in for GitHub", () => {
  test("opens a pull request of what is pushed when the user allows it, once, and shows it with its checks", async () => {
    const { agent, session, bare, untilAsked, approve, get } = await open("ask");
    commitFile(agent, "one.txt");
    const early = await agent.run("gh", "pr", "create", "--fill");
    expect(early).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("git push -u origin HEAD") });
    expect(await agent.run("gh", "pr", "view")).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("no pull requests found"),
    });
    const push = agent.start("git", "push");
    const pushing = await untilAsked();
    await approve(pushing.approvalId, { allow: true });
    expect(await push.ended).toMatchObject({ exitCode: 0 });

    // Not pushed, and so no part of what is asked for.
    commitFile(agent, "two.txt");
    const create = agent.start("gh", "pr", "create", "--title", "A thing", "--body", "Because.", "--draft");
    const asked = await untilAsked((await get()).lastSeq - 1);
    expect(asked).toMatchObject({
      action: "pull-request",
      summary: "open a draft pull request: A thing",
      details: [
        ...["title: A thing", `to: ${STAND_IN_HOST}/ada/${basename(bare, ".git")}`],
        `from: ${session.branch} (${agent.git("rev-parse", "HEAD~1").slice(0, 10)})`,
        ...["into: main", "draft: yes", "text: Because."],
      ],
    });
    expect(github.pulls).toEqual([]);
    await approve(asked.approvalId, { allow: true });
    const url = `http://${STAND_IN_HOST}/ada/example/pull/1`;
    expect(await create.ended).toMatchObject({ exitCode: 0, stdout: expect.stringContaining(url) });
    expect(github.pulls).toMatchObject([{ title: "A thing", body: "Because.", draft: true, head: session.branch }]);
    expect((await get()).pullRequest).toMatchObject({ number: 1, title: "A thing", draft: true });
    expect((await get()).push?.commit).toBe(agent.git("rev-parse", "HEAD~1"));

    const view = await agent.run("gh", "pr", "view", "--json", "number,title,state", "-q", ".title");
    expect(view).toMatchObject({ exitCode: 0, stdout: "A thing\n" });
    expect(await agent.run("gh", "pr", "checks")).toMatchObject({ exitCode: 1 });
    expect(await agent.run("gh", "api", "user")).toMatchObject({ exitCode: 1, stdout: "" });
  });

  test("is opened in just the words, and into the branch, that the user was shown", async () => {
    const { agent, repository, server, session, untilAsked, approve, get } = await open("auto");
    // The remote calls its main branch otherwise, and is pushed to from a branch of another's.
    userGit(repository, "update-ref", "refs/remotes/origin/master", "main");
    userGit(repository, "update-ref", "-d", "refs/remotes/origin/main");
    userGit(repository, "remote", "add", "upstream", `https://${STAND_IN_HOST}/grace/example.git`);
    commitFile(agent, "package.json", "{}");
    expect(await agent.run("git", "push")).toMatchObject({ exitCode: 0 });
    await server.call("PATCH", `/api/sessions/${session.id}`, { agentPush: "ask" });
    const text = `${"x".repeat(7900)}the end`;
    const create = agent.start("gh", "pr", "create", "--title", "A thing", "--body", text);
    const asked = await untilAsked();
    expect(asked.details).toEqual([
      ...["title: A thing", `to: ${STAND_IN_HOST}/grace/example`],
      `from: ada:${session.branch} (${agent.git("rev-parse", "HEAD").slice(0, 10)})`,
      ...["into: master", "draft: no", expect.stringMatching(/^executed: package\.json: npm/)],
      ...["text goes on: for 7 more characters", `text: ${"x".repeat(7900)}`],
    ]);
    // What is decided is what was shown, whatever becomes of it meanwhile.
    userGit(repository, "update-ref", "refs/remotes/origin/main", "main");
    await server.call("PATCH", `/api/sessions/${session.id}`, { title: "Another" });
    await approve(asked.approvalId, { allow: true });
    expect(await create.ended).toMatchObject({ exitCode: 0 });
    expect(github.pulls).toMatchObject([{ title: "A thing", body: text, base: "master", headOwner: "ada" }]);

    const again = agent.start("gh", "pr", "create", "--fill");
    const second = await untilAsked((await get()).lastSeq - 1);
    expect(second.details).toEqual(
      expect.arrayContaining(["title: Another", "there already: #1, which stays as it is", "into: main"]),
    );
    await approve(second.approvalId, { allow: true });
    expect(await again.ended).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("/pull/1") });
    expect(github.pulls).toHaveLength(1);
  });

  test("is asked for anew where the words that the session gives it are others by now", async () => {
    const { agent, server, session, untilAsked, approve, get } = await open("auto");
    commitFile(agent, "one.txt");
    expect(await agent.run("git", "push")).toMatchObject({ exitCode: 0 });
    await server.call("PATCH", `/api/sessions/${session.id}`, { agentPush: "ask", title: "Shown first" });
    const first = agent.start("gh", "pr", "create", "--fill");
    const shown = await untilAsked();
    await server.call("PATCH", `/api/sessions/${session.id}`, { title: "Shown then" });
    const before = (await get()).lastSeq;
    const second = agent.start("gh", "pr", "create", "--fill");
    const then = await untilAsked(before);
    expect([shown.details[0], then.details[0]]).toEqual(["title: Shown first", "title: Shown then"]);
    await approve(then.approvalId, { allow: true });
    expect(await second.ended).toMatchObject({ exitCode: 0 });
    expect(github.pulls).toMatchObject([{ title: "Shown then" }]);
    // The other one still waits for a word of its own.
    expect((await get()).asking.approvals).toMatchObject([{ approvalId: shown.approvalId }]);
    await approve(shown.approvalId, { allow: false });
    expect(await first.ended).toMatchObject({ exitCode: 1 });
  });

  test("is not asked for where it would be refused anyway", async () => {
    const { agent, watcher } = await open("auto");
    commitFile(agent, "one.txt");
    expect(await agent.run("git", "push")).toMatchObject({ exitCode: 0 });
    await opened?.server.call("PATCH", `/api/sessions/${opened.session.id}`, { agentPush: "ask" });
    vi.stubEnv("GH_TOKEN", "");
    const create = await agent.run("gh", "pr", "create", "--fill");
    expect(create).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("not logged in") });
    expect(watcher.events.filter((event) => event.type === "approval.asked")).toEqual([]);
  });

  test("is refused with the user's words, and at once where the session never may", async () => {
    const { agent, untilAsked, approve, get } = await open("auto");
    commitFile(agent, "one.txt");
    expect(await agent.run("git", "push")).toMatchObject({ exitCode: 0 });
    const path = `/api/sessions/${(await get()).id}`;
    await opened?.server.call("PATCH", path, { agentPush: "ask" });
    const create = agent.start("gh", "pr", "create", "--fill");
    const { approvalId } = await untilAsked();
    await approve(approvalId, { allow: false, message: "not yet" });
    expect(await create.ended).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("They say: not yet") });
    await opened?.server.call("PATCH", path, { agentPush: "never" });
    const never = await agent.run("gh", "pr", "create", "--fill");
    expect(never).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("does not let this session") });
    expect(github.pulls).toEqual([]);
  });
});

test("the user's own push does not take back what the agent pushed in its turn", async () => {
  const { agent, session, server, bare, turn, watcher, get } = await open("auto");
  await turn.checkpoint("checkpoint.txt", "kept\n");
  const { lastCommit } = await get();
  userGit(
    agent.tree,
    "fetch",
    "--quiet",
    `${server.dataDir}/quarantine/${session.id}/repository.git`,
    lastCommit ?? "",
  );
  agent.git("reset", "--quiet", "--hard", lastCommit ?? "");
  const ahead = commitFile(agent, "one.txt");
  expect(await agent.run("git", "push")).toMatchObject({ exitCode: 0 });
  await server.call("POST", `/api/sessions/${session.id}/push`, {});
  await watcher.waitFor((frame) => frame.type === "job" && frame.job.status === "succeeded");
  expect(execFileSync("git", ["-C", bare, "rev-parse", session.branch], { encoding: "utf8" }).trim()).toBe(ahead);
  expect((await get()).push?.commit).toBe(ahead);
});
