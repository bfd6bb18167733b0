import { execFileSync } from "node:child_process";
import { request } from "node:http";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Session } from "@background-agents/shared/sessions/session";
import { makeAgentCommands, type AgentCommands } from "../src/testing/agent-commands.ts";
import type { FakeTurn } from "../src/testing/fake-supervisor.ts";
import { startSshRemote, type SshRemote } from "../src/testing/ssh-remote.ts";
import { makeRepository, startTestServer, type TestServer, type Watcher } from "../src/testing/test-server.ts";

let ssh: SshRemote;
let servers: TestServer[] = [];
let commands: AgentCommands | undefined;
const sshBefore = process.env["GIT_SSH_COMMAND"];
beforeAll(async () => {
  ssh = await startSshRemote();
  Object.assign(process.env, ssh.env);
});
afterAll(async () => {
  if (sshBefore === undefined) delete process.env["GIT_SSH_COMMAND"];
  else process.env["GIT_SSH_COMMAND"] = sshBefore;
  await ssh.stop();
});
afterEach(async () => {
  commands?.remove();
  for (const server of servers) await server.close();
  servers = [];
});

const idsOf = (turn: FakeTurn) => ({ promptId: turn.deliver.promptId, turnId: turn.deliver.turnId });
const gitIn = (cwd: string, ...args: string[]): string =>
  execFileSync("git", args, { cwd, encoding: "utf8", stdio: "pipe", env: { ...process.env, ...ssh.env } }).trim();

interface Opened {
  server: TestServer;
  session: Session;
  watcher: Watcher;
  agent: AgentCommands;
  turn: FakeTurn;
  /** The bare repository on the other side of SSH. */
  bare: string;
  hubDirectory: string;
  get: () => Promise<Session>;
  approve: (approvalId: string, body: object) => Promise<{ status: number; body: never }>;
  endTurn: () => Promise<void>;
}

let made = 0;

/** A session whose turn runs, and its agent's clone; the user's repository has an SSH remote unless told otherwise. */
async function open(
  options: { agentPush?: string; remote?: boolean; env?: Record<string, string> } = {},
): Promise<Opened> {
  made += 1;
  let begun: (turn: FakeTurn) => void = () => undefined;
  const running = new Promise<FakeTurn>((resolve) => (begun = resolve));
  const server = await startTestServer({
    onTurn: async (turn) => {
      await turn.supervisor.report({ kind: "turn.started", ...idsOf(turn), messageId: "msg_1" });
      begun(turn);
    },
    ...(options.env && { env: options.env }),
  });
  servers.push(server);
  const repository = makeRepository(server.reposDir, "example");
  const { path: bare, url } = ssh.makeBare(`ada/example-${made}`);
  if (options.remote !== false) {
    gitIn(repository, "remote", "add", "origin", url);
    gitIn(repository, "push", "--quiet", "origin", "main");
  }
  const body = {
    repository,
    model: "demo/scripted",
    title: "Fix it",
    agentPush: options.agentPush ?? "ask",
    prompt: { text: "go" },
  };
  const { session } = (await server.call("POST", "/api/sessions", body)).body as { session: Session };
  const turn = await running;
  const [container] = server.provider.containers.values();
  if (!container) throw new Error("no container");
  const { mirrorPath, hubDirectory } = container.order;
  const agent = (commands = await makeAgentCommands({
    ...{ mirrorPath, branch: session.branch, baseCommit: session.baseCommit },
    hubSocket: join(hubDirectory, "hub.sock"),
  }));
  const path = `/api/sessions/${session.id}`;
  return {
    ...{ server, session, agent, turn, bare, hubDirectory },
    watcher: await server.watch(session.id, 0),
    get: async () => ((await server.call("GET", path)).body as { session: Session }).session,
    approve: (approvalId, answer) => server.call("POST", `${path}/approvals/${approvalId}`, answer),
    endTurn: () => turn.supervisor.report({ kind: "turn.ended", ...idsOf(turn), outcome: "completed", durationMs: 1 }),
  };
}

function commit(agent: AgentCommands, name: string, content = name): string {
  writeFileSync(join(agent.tree, name), content);
  agent.git("add", "-A");
  agent.git("commit", "--quiet", "-m", `Write ${name}`);
  return agent.git("rev-parse", "HEAD");
}

const refsOf = (bare: string): string[] =>
  execFileSync("git", ["-C", bare, "for-each-ref", "--format=%(refname) %(objectname)"], { encoding: "utf8" })
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("refs/heads/main "));

/** The first approval that is asked after the events that were there. */
async function untilAsked(watcher: Watcher) {
  const frame = await watcher.waitFor((one) => one.type === "event" && one.event.type === "approval.asked");
  if (frame.type !== "event" || frame.event.type !== "approval.asked") throw new Error("not asked");
  return frame.event.data;
}

describe("git push in a sandbox, over real SSH", () => {
  test("asks the user, says what would happen, and is done by the server when they allow it", async () => {
    const { agent, session, watcher, get, approve, bare } = await open();
    commit(agent, "one.txt");
    const head = commit(agent, "package.json", "{}");
    const push = agent.start("git", "push");
    const asked = await untilAsked(watcher);
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
    const { agent, watcher, approve, bare, get } = await open();
    commit(agent, "one.txt");
    const push = agent.start("git", "push", "-u", "origin", "HEAD");
    const { approvalId } = await untilAsked(watcher);
    await approve(approvalId, { allow: false, remember: true, message: "tests first" });
    expect(await push.ended).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("They say: tests first") });
    expect((await get()).agentPush).toBe("never");
    const again = await agent.run("git", "push");
    expect(again).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("does not let this session push") });
    expect(watcher.events.filter((event) => event.type === "approval.asked")).toHaveLength(1);
    expect(refsOf(bare)).toEqual([]);
  });

  test("where it may push by itself: at once, rewritten with a lease, and never over what somebody else pushed", async () => {
    const { agent, session, bare, watcher, server } = await open({ agentPush: "auto" });
    const branch = `refs/heads/${session.branch}`;
    commit(agent, "one.txt");
    expect(await agent.run("git", "push", "-u", "origin", "HEAD")).toMatchObject({ exitCode: 0 });
    agent.git("commit", "--quiet", "--amend", "-m", "Write one better");
    expect(await agent.run("git", "push")).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("rejected") });
    const amended = agent.git("rev-parse", "HEAD");
    expect(await agent.run("git", "push", "--force-with-lease")).toMatchObject({ exitCode: 0 });
    expect(refsOf(bare)).toEqual([`${branch} ${amended}`]);

    const other = join(server.reposDir, "other");
    gitIn(server.reposDir, "clone", "--quiet", "-b", session.branch, bare, other);
    gitIn(
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
    gitIn(other, "push", "--quiet", "origin", "HEAD");
    const theirs = gitIn(other, "rev-parse", "HEAD");
    commit(agent, "two.txt");
    const forced = await agent.run("git", "push", "--force");
    expect(forced).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("nothing was overwritten") });
    expect(refsOf(bare)).toEqual([`${branch} ${theirs}`]);
    expect(await agent.run("git", "pull", "--quiet", "--rebase")).toMatchObject({ exitCode: 0 });
    expect(await agent.run("git", "push")).toMatchObject({ exitCode: 0 });
    expect(refsOf(bare)).toEqual([`${branch} ${agent.git("rev-parse", "HEAD")}`]);
    expect(watcher.events.filter((event) => event.type.startsWith("approval."))).toEqual([]);
  });

  test("goes to its own branch only, whatever it is called in the clone and whoever asks", async () => {
    const { agent, session, bare, hubDirectory, server } = await open({ agentPush: "auto" });
    const head = commit(agent, "one.txt");
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
    const token = readFileSync(join(hubDirectory, "token"), "utf8");
    const ask = (method: string, path: string, body = ""): Promise<{ status: number; text: string }> =>
      new Promise((resolve, reject) => {
        const outgoing = request(
          {
            ...{ socketPath: join(hubDirectory, "hub.sock"), method, path },
            headers: { authorization: `Bearer ${token}` },
          },
          (answer) => {
            let text = "";
            answer.on("data", (chunk: Buffer) => (text += chunk.toString()));
            answer.on("end", () => resolve({ status: answer.statusCode ?? 0, text }));
          },
        );
        outgoing.on("error", reject);
        outgoing.end(body);
      });
    const put = (query: string) => ask("PUT", `/git/push/11111111?${query}`);
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
    expect((await ask("PUT", `/git/push/..?commit=${head}&branch=x`)).status).toBe(404);
    for (const refs of [["refs/tags/v1"], ["refs/heads/--upload-pack=x"], ["main"], ["refs/heads/a:refs/heads/main"]]) {
      const answer = await ask("POST", "/git/fetch", JSON.stringify({ refs, have: [] }));
      expect(answer, refs[0]).toMatchObject({ status: 400 });
    }
    expect(refsOf(bare)).toEqual([]);
    expect(gitIn(join(server.reposDir, "example"), "rev-parse", "main")).toBe(session.baseCommit);
    // The control: the same request with the session's own branch is done.
    expect(await agent.run("git", "push", "origin", `HEAD:${session.branch}`)).toMatchObject({ exitCode: 0 });
    expect(refsOf(bare)).toEqual([`refs/heads/${session.branch} ${head}`]);
  });

  test("outlives a restart of the server: the command goes on waiting, the answer counts, nothing is done twice", async () => {
    const opened = await open();
    const { agent, session, watcher, bare } = opened;
    const head = commit(agent, "one.txt");
    const push = agent.start("git", "push");
    const { approvalId } = await untilAsked(watcher);
    const restarted = await opened.server.restart();
    servers = [restarted];
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

  test("is withdrawn with its turn, and when it is interrupted", async () => {
    const { agent, watcher, approve, bare, endTurn, get } = await open();
    commit(agent, "one.txt");
    const interrupted = agent.start("git", "push");
    const { approvalId } = await untilAsked(watcher);
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
    await watcher.waitFor(
      (frame) => frame.type === "event" && frame.event.type === "approval.asked" && frame.event.seq > seen,
    );
    await endTurn();
    expect(await second.ended).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("withdrawn") });
    expect((await get()).asking.approvals).toEqual([]);
    expect(refsOf(bare)).toEqual([]);
  });
});

describe("git fetch in a sandbox, over real SSH", () => {
  test("brings what is on the remote, by way of the mirror", async () => {
    const { agent, server, bare, session } = await open({ agentPush: "never" });
    const other = join(server.reposDir, "other");
    gitIn(server.reposDir, "clone", "--quiet", bare, other);
    const who = ["-c", "user.name=Eve", "-c", "user.email=eve@example.org"];
    gitIn(other, ...who, "commit", "--quiet", "--allow-empty", "-m", "News");
    gitIn(other, "push", "--quiet", "origin", "HEAD:main", "HEAD:refs/heads/release/1");
    gitIn(other, "push", "--quiet", "origin", "HEAD:refs/tags/v9");
    const news = gitIn(other, "rev-parse", "HEAD");
    expect(await agent.run("git", "fetch", "--quiet")).toMatchObject({ exitCode: 0, stderr: "" });
    expect(agent.git("rev-parse", "origin/main", "origin/release/1")).toBe(`${news}\n${news}`);
    expect(agent.git("count-objects")).toBe("0 objects, 0 kilobytes");
    commit(agent, "one.txt");
    expect(await agent.run("git", "pull", "--quiet", "--no-edit", "--no-rebase", "origin", "main")).toMatchObject({
      exitCode: 0,
    });
    expect(agent.git("log", "-1", "--format=%P").split(" ")).toContain(news);
    // The user's own repository did not fetch, and has no ref more than before.
    expect(gitIn(join(server.reposDir, "example"), "for-each-ref", "--format=%(refname) %(objectname)")).toBe(
      [`refs/heads/main ${session.baseCommit}`, `refs/remotes/origin/main ${session.baseCommit}`].join("\n"),
    );
  });

  test("without sight of the mirror it is sent what it lacks", async () => {
    const { agent, server, bare } = await open();
    gitIn(server.reposDir, "clone", "--quiet", bare, "other");
    const other = join(server.reposDir, "other");
    const who = ["-c", "user.name=Eve", "-c", "user.email=eve@example.org"];
    gitIn(other, ...who, "commit", "--quiet", "--allow-empty", "-m", "News");
    gitIn(other, "push", "--quiet", "origin", "HEAD:main");
    // A copy of what it borrows, as where no file system is shared.
    agent.git("repack", "-a", "-d", "-q");
    execFileSync("rm", [join(agent.tree, ".git", "objects", "info", "alternates")]);
    expect(await agent.run("git", "fetch", "--quiet")).toMatchObject({ exitCode: 0, stderr: "" });
    expect(agent.git("rev-parse", "origin/main")).toBe(gitIn(other, "rev-parse", "HEAD"));
    expect(agent.git("fsck", "--connectivity-only")).toBe("");
  });

  test.each([
    ["without a remote", { remote: false }, "has no remote to push to"],
    ["with GIT_CREDENTIALS=none", { env: { GIT_CREDENTIALS: "none" } }, "switched off on this machine"],
  ])("%s the base comes from the user's repository, and a push says why not", async (_name, options, words) => {
    const { agent, server } = await open(options);
    const repository = join(server.reposDir, "example");
    gitIn(repository, "commit", "--quiet", "--allow-empty", "-m", "The user's next");
    expect(await agent.run("git", "fetch", "--quiet", "origin")).toMatchObject({ exitCode: 0, stderr: "" });
    expect(agent.git("rev-parse", "origin/main")).toBe(gitIn(repository, "rev-parse", "main"));
    commit(agent, "one.txt");
    expect(await agent.run("git", "push")).toMatchObject({ exitCode: 1, stderr: expect.stringContaining(words) });
  });
});
