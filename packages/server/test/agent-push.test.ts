import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { BUNDLE_REF } from "@background-agents/shared/protocol/supervisor-frames";
import type { Session } from "@background-agents/shared/sessions/session";
import { commitFile, useAgentSessions, userGit } from "../src/testing/agent-session.ts";

const open = useAgentSessions();

const refsOf = (bare: string): string[] =>
  execFileSync("git", ["-C", bare, "for-each-ref", "--format=%(refname) %(objectname)"], { encoding: "utf8" })
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("refs/heads/main "));

describe("git push in a sandbox, over real SSH", () => {
  test("asks the user, says what would happen, and is done by the server when they allow it", async () => {
    const { agent, session, get, approve, bare, untilAsked } = await open();
    commitFile(agent, "one.txt");
    const head = commitFile(agent, "package.json", "{}");
    const push = agent.start("git", "push");
    const asked = await untilAsked();
    expect(asked).toMatchObject({ action: "push", summary: `push ${session.branch} to origin` });
    expect(asked.details).toEqual(
      expect.arrayContaining([
        `branch: ${session.branch}`,
        `commit: ${head}`,
        "commits: 2",
        expect.stringMatching(/^· [0-9a-f]+ Write one\.txt$/),
        "files: 2 changed, +2 −0",
        expect.stringMatching(/^executed: package\.json: npm runs/),
      ]),
    );
    expect(await get()).toMatchObject({
      status: "waiting",
      attention: "needs-you",
      statusReason: `asks for your approval: push ${session.branch} to origin`,
      asking: { approvals: [asked] },
    });
    expect(refsOf(bare)).toEqual([]);
    expect(await approve("another", { allow: true })).toMatchObject({ status: 409 });
    expect(await approve(asked.approvalId, { allow: true })).toMatchObject({
      status: 200,
      body: { session: { attention: "working", asking: { approvals: [] }, agentPush: "ask" } },
    });
    const ended = await push.ended;
    expect(ended).toMatchObject({ exitCode: 0, stderr: expect.stringContaining("The server pushed") });
    expect(refsOf(bare)).toEqual([`refs/heads/${session.branch} ${head}`]);
    expect((await get()).push).toMatchObject({ remote: "origin", branch: session.branch, commit: head });
    expect(agent.git("rev-parse", `refs/remotes/origin/${session.branch}`)).toBe(head);
    expect(agent.git("rev-parse", "--abbrev-ref", "@{upstream}")).toBe(`origin/${session.branch}`);
    expect(await agent.run("git", "push")).toMatchObject({
      exitCode: 0,
      stderr: expect.stringContaining("up-to-date"),
    });
    expect(await approve(asked.approvalId, { allow: true })).toMatchObject({ status: 409 });
  });

  test("is refused with the user's words, and not again asked once they said never", async () => {
    const { agent, watcher, approve, bare, get, untilAsked, server, session } = await open();
    const head = commitFile(agent, "one.txt");
    const push = agent.start("git", "push", "-u", "origin", "HEAD");
    const { approvalId } = await untilAsked();
    await approve(approvalId, { allow: false, remember: true, message: "tests first" });
    expect(await push.ended).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("They say: tests first") });
    expect((await get()).agentPush).toBe("never");
    // Nothing is kept of what they refused.
    const quarantine = join(server.dataDir, "quarantine", session.id);
    expect(readdirSync(join(quarantine, "pushes"))).toEqual([]);
    expect(() => userGit(join(quarantine, "repository.git"), "cat-file", "-e", head)).toThrow("Command failed");
    const again = await agent.run("git", "push", "--quiet");
    expect(again).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("does not let this session push") });
    expect(watcher.events.filter((event) => event.type === "approval.asked")).toHaveLength(1);
    expect(refsOf(bare)).toEqual([]);
  });

  test("where it may push by itself: at once, rewritten with a lease, and never over what somebody else pushed", async () => {
    const { agent, session, bare, watcher, server } = await open({ agentPush: "auto" });
    const branch = `refs/heads/${session.branch}`;
    commitFile(agent, "one.txt");
    expect(await agent.run("git", "push", "--quiet", "-u", "origin", "HEAD")).toMatchObject({
      exitCode: 0,
      stderr: "",
    });
    agent.git("commit", "--quiet", "--amend", "-m", "Write one better");
    expect(await agent.run("git", "push")).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("rejected") });
    const amended = agent.git("rev-parse", "HEAD");
    expect(await agent.run("git", "push", "--force-with-lease")).toMatchObject({ exitCode: 0 });
    expect(refsOf(bare)).toEqual([`${branch} ${amended}`]);

    const other = join(server.reposDir, "other");
    userGit(server.reposDir, "clone", "--quiet", "-b", session.branch, bare, other);
    userGit(
      other,
      "-c",
      "user.name=Eve",
      "-c",
      "user.email=eve@example.org",
      "commit",
      "--quiet",
      "--allow-empty",
      "-m",
      "Mine",
    );
    userGit(other, "push", "--quiet", "origin", "HEAD");
    const theirs = userGit(other, "rev-parse", "HEAD");
    commitFile(agent, "two.txt");
    const forced = await agent.run("git", "push", "--force");
    expect(forced).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("nothing was overwritten") });
    expect(refsOf(bare)).toEqual([`${branch} ${theirs}`]);
    expect(await agent.run("git", "pull", "--quiet", "--rebase")).toMatchObject({ exitCode: 0 });
    expect(await agent.run("git", "push")).toMatchObject({ exitCode: 0 });
    expect(refsOf(bare)).toEqual([`${branch} ${agent.git("rev-parse", "HEAD")}`]);
    expect(watcher.events.filter((event) => event.type.startsWith("approval."))).toEqual([]);
  });

  test("tells the user of files that tools execute where it pushes by itself, once each", async () => {
    const { agent, session, watcher } = await open({ agentPush: "auto" });
    const told = () =>
      watcher.events.flatMap((event) =>
        event.type === "notice.raised" && event.data.code === "push.executes" ? [event] : [],
      );
    const push = async () => expect(await agent.run("git", "push", "--quiet")).toMatchObject({ exitCode: 0 });
    const head = commitFile(agent, "package.json", "{}");
    await push();
    await watcher.waitForEvent("notice.raised");
    expect(told()).toMatchObject([{ turnId: expect.any(String), data: { level: "warning" } }]);
    const message = told()[0]?.data.message;
    expect(message).toContain(`pushed ${head.slice(0, 10)} to ${session.branch} on origin without asking`);
    expect(message).toMatch(/execute: package\.json \(npm runs [^)]*\)\.$/);
    // A push without such files says nothing, nor does one that takes them away.
    commitFile(agent, "two.txt");
    agent.git("rm", "--quiet", "package.json");
    agent.git("commit", "--quiet", "-m", "Away");
    await push();
    commitFile(agent, ".envrc");
    await push();
    await watcher.waitFor(
      (frame) => frame.type === "event" && frame.event.type === "notice.raised" && told().length > 1,
    );
    expect(told().map(({ data }) => data.message.includes(".envrc"))).toEqual([false, true]);
  });

  test("goes to its own branch only, whatever it is called in the clone and whoever asks", async () => {
    const { agent, session, bare, repository, askHub } = await open({ agentPush: "auto" });
    const head = commitFile(agent, "one.txt");
    agent.git("tag", "v1");
    agent.git("checkout", "--quiet", "-b", "mine");
    const refused = async (args: string[], words: string) => {
      expect(await agent.run("git", "push", ...args)).toMatchObject({
        exitCode: 1,
        stderr: expect.stringContaining(words),
      });
    };
    await refused([], `git push origin HEAD:${session.branch}`);
    await refused(["origin", "HEAD:main"], "main is the user's own");
    await refused(["--force", "origin", "HEAD:agents/somebody-else"], "may push only to");
    await refused(["origin", "v1"], "tags are the user's");
    await refused(["origin", ":main"], "may not delete");
    expect(refsOf(bare)).toEqual([]);
    expect(execFileSync("git", ["-C", bare, "rev-parse", "main"], { encoding: "utf8" }).trim()).toBe(
      session.baseCommit,
    );

    // What the helper would never send.
    const put = (query: string) => askHub("PUT", `/git/push/11111111?${query}`);
    for (const branch of ["main", "refs/heads/main", "--force", "+main", "agents/../main", "main:main", "HEAD"]) {
      const answer = await put(new URLSearchParams({ commit: head, branch }).toString());
      expect(JSON.parse(answer.text)).toMatchObject({
        ok: false,
        message: expect.stringContaining("may push only to"),
      });
    }
    const unknown = await put(new URLSearchParams({ commit: "f".repeat(40), branch: session.branch }).toString());
    expect(JSON.parse(unknown.text)).toMatchObject({ ok: false, message: expect.stringContaining("not known here") });
    expect((await put("commit=HEAD&branch=x")).status).toBe(400);
    expect((await askHub("PUT", `/git/push/..?commit=${head}&branch=x`)).status).toBe(404);
    for (const refs of [["refs/tags/v1"], ["refs/heads/--upload-pack=x"], ["main"], ["refs/heads/a:refs/heads/main"]]) {
      const answer = await askHub("POST", "/git/fetch", JSON.stringify({ refs, have: [] }));
      expect(answer).toMatchObject({ status: 400 });
    }
    expect(refsOf(bare)).toEqual([]);
    expect(userGit(repository, "rev-parse", "main")).toBe(session.baseCommit);
    // The control: the same request with the session's own branch is done.
    expect(await agent.run("git", "push", "origin", `HEAD:${session.branch}`)).toMatchObject({ exitCode: 0 });
    expect(refsOf(bare)).toEqual([`refs/heads/${session.branch} ${head}`]);
  });

  test("outlives a restart of the server: the command goes on waiting, the answer counts, nothing is done twice", async () => {
    const before = await open();
    const { agent, session, bare } = before;
    const head = commitFile(agent, "one.txt");
    const push = agent.start("git", "push");
    const { approvalId } = await before.untilAsked();
    const restarted = (before.server = await before.server.restart());
    await push.untilSaid("connection to the server is cut");
    const path = `/api/sessions/${session.id}`;
    const { body } = await restarted.call("GET", path);
    expect((body as { session: Session }).session.asking.approvals).toMatchObject([{ approvalId }]);
    // Whether the command is back already or not, the answer is the user's and stands.
    expect(await restarted.call("POST", `${path}/approvals/${approvalId}`, { allow: true })).toMatchObject({
      status: 200,
    });
    expect(await push.ended).toMatchObject({ exitCode: 0, stderr: expect.stringContaining("The server pushed") });
    expect(refsOf(bare)).toEqual([`refs/heads/${session.branch} ${head}`]);
    const { events } = await restarted.watch(session.id, 0);
    const counted = (type: string) => events.filter((event) => event.type === type).length;
    expect([counted("approval.asked"), counted("branch.pushed")]).toEqual([1, 1]);
  });

  test("an answer that got lost is given again, and an old approval takes nothing back", async () => {
    const { agent, session, bare, askHub, untilAsked, approve, watcher } = await open();
    const put = async (requestId: string, commit: string) => {
      const bundle = join(agent.tree, ".git", "sent.bundle");
      agent.git("update-ref", BUNDLE_REF, commit);
      agent.git("bundle", "create", "--quiet", bundle, BUNDLE_REF, `^${session.baseCommit}`);
      const query = new URLSearchParams({ commit, branch: session.branch }).toString();
      const { text } = await askHub("PUT", `/git/push/${requestId}?${query}`, readFileSync(bundle));
      return JSON.parse(text) as { ok: boolean };
    };
    const counted = (type: string) => watcher.events.filter((event) => event.type === type).length;
    const ref = `refs/heads/${session.branch}`;
    const one = commitFile(agent, "one.txt");
    const first = put("request-1", one);
    const asked = await untilAsked();
    await approve(asked.approvalId, { allow: true });
    expect(await first).toMatchObject({ ok: true });
    expect(await put("request-1", one)).toMatchObject({ ok: true });
    expect([counted("approval.asked"), counted("branch.pushed")]).toEqual([1, 1]);

    const two = commitFile(agent, "two.txt");
    const second = put("request-2", two);
    const { approvalId } = await untilAsked(watcher.events.length);
    await approve(approvalId, { allow: true });
    expect(await second).toMatchObject({ ok: true });
    expect(await put("request-1", one)).toMatchObject({ ok: true });
    expect(refsOf(bare)).toEqual([`${ref} ${two}`]);
    // What was allowed was that commit under that request: another one is asked for anew.
    agent.git("reset", "--quiet", "--hard", one);
    const third = put("request-2", commitFile(agent, "three.txt"));
    const { approvalId: again } = await untilAsked(watcher.events.length);
    await approve(again, { allow: false });
    expect(await third).toMatchObject({ ok: false });
    expect(refsOf(bare)).toEqual([`${ref} ${two}`]);
  });

  test("is withdrawn with its turn, and when it is interrupted", async () => {
    const { agent, watcher, approve, bare, endTurn, get, untilAsked } = await open();
    commitFile(agent, "one.txt");
    const interrupted = agent.start("git", "push");
    const { approvalId } = await untilAsked();
    // As a terminal does: Ctrl-C reaches git and its helper.
    const helper = execFileSync("pgrep", ["-P", String(interrupted.child.pid)], { encoding: "utf8" }).trim();
    for (const pid of execFileSync("pgrep", ["-P", helper], { encoding: "utf8" }).trim().split("\n")) {
      process.kill(Number(pid), "SIGINT");
    }
    const withdrawn = await watcher.waitForEvent("approval.answered");
    expect(withdrawn.data).toMatchObject({ approvalId, outcome: "withdrawn" });
    expect(await approve(approvalId, { allow: true })).toMatchObject({ status: 409 });
    expect((await interrupted.ended).exitCode).not.toBe(0);

    const seen = watcher.events.length;
    const second = agent.start("git", "push");
    await untilAsked(seen);
    await endTurn();
    expect(await second.ended).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("withdrawn") });
    expect((await get()).asking.approvals).toEqual([]);
    expect(refsOf(bare)).toEqual([]);
  });
});
