import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join, relative } from "node:path";
import { newId, type SessionId } from "@background-agents/shared/ids";
import type { NewSessionEvent } from "@background-agents/shared/protocol/session-events";
import type { Push, Session } from "@background-agents/shared/sessions/session";
import { pino } from "pino";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../lib/clock.ts";
import { createGit } from "../lib/git-process.ts";
import { commitFiles, plainGit } from "../repositories/testing/git-fixture.ts";
import { makeSandbox } from "../repositories/testing/sandbox-fixture.ts";
import { startSshRemote, type SshRemote } from "../testing/ssh-remote.ts";
import { createPushWork, type PushOrder } from "./push-work.ts";

/** Pushes over real SSH to a bare repository. */

const BRANCH = "agents/add-a-thing-abc123";

let ssh: SshRemote;
let sandbox: Awaited<ReturnType<typeof makeSandbox>>;
let bare: { path: string; url: string };
let first: string;
let second: string;
let session: Session;
let events: NewSessionEvent[];
let count = 0;

beforeAll(async () => {
  ssh = await startSshRemote();
});
afterAll(() => ssh.stop());
beforeEach(async () => {
  sandbox = await makeSandbox();
  first = commitFiles(sandbox.workspace, { "a.txt": "a\n" });
  await sandbox.import(first, sandbox.bundle(first));
  second = commitFiles(sandbox.workspace, { "b.txt": "b\n" });
  await sandbox.import(second, sandbox.bundle(second, [first]));
  bare = ssh.makeBare(`ada/example-${(count += 1)}`);
  plainGit(sandbox.user, ["remote", "add", "origin", bare.url]);
  plainGit(sandbox.user, ["push", "--quiet", bare.path, "main"]);
  const id: SessionId = sandbox.sessionId;
  session = {
    ...({} as Session),
    ...{ id, branch: BRANCH, baseBranch: "main", lastCommit: first, push: null, deletedAt: null },
    repository: { id: newId("repository"), name: "user", path: sandbox.user },
  };
  events = [];
});
afterEach(() => sandbox.remove());

function push(order: Partial<PushOrder> = {}, env: Record<string, string> = ssh.env): Promise<Push> {
  const { pushWork } = createPushWork({
    requireNoSecrets: () => Promise.resolve(),
    onPushed: () => undefined,
    git: createGit({ env: { PATH: process.env["PATH"], HOME: sandbox.temp, ...env } }),
    requireSession: () => session,
    listCommits: () => [first, second],
    recorder: {
      record(_id, build) {
        const added = build({ session } as never);
        events.push(...added);
        for (const event of added) if (event.type === "branch.pushed") session = { ...session, push: event.data.push };
        return { state: { session } as never, events: [] };
      },
    },
    quarantine: sandbox.quarantine,
    clock: systemClock,
    log: pino({ level: "silent" }),
  });
  return pushWork({ sessionId: session.id, commit: first, ...order });
}

const remoteRefs = () =>
  Object.fromEntries(
    plainGit(bare.path, ["for-each-ref", "--format=%(refname) %(objectname)"])
      .split("\n")
      .map((line) => line.split(" ") as [string, string]),
  );
const remoteBranch = (branch = BRANCH) => remoteRefs()[`refs/heads/${branch}`];

/** A commit of someone else's on the remote. */
function commitThere(parent: string, branch = BRANCH): string {
  const commit = plainGit(bare.path, ["commit-tree", "-p", parent, "-m", "Theirs", `${parent}^{tree}`]);
  plainGit(bare.path, ["update-ref", `refs/heads/${branch}`, commit]);
  return commit;
}

describe("pushing over real SSH", () => {
  it("makes the branch, moves it on, and says the same when asked again", async () => {
    const pushed = await push();
    expect(pushed).toMatchObject({ remote: "origin", url: bare.url, branch: BRANCH, commit: first });
    expect(remoteRefs()).toEqual({ "refs/heads/main": sandbox.base, [`refs/heads/${BRANCH}`]: first });
    await push({ commit: second });
    expect(remoteBranch()).toBe(second);
    await push({ commit: second });
    expect(events.map(({ type }) => type)).toEqual(["branch.pushed", "branch.pushed"]);
  });

  it("is repeated safely where the server was killed before it could record", async () => {
    await push();
    session = { ...session, push: null };
    expect((await push()).commit).toBe(first);
    session = { ...session, push: null };
    expect((await push({ commit: second })).commit).toBe(second);
    expect(remoteBranch()).toBe(second);
  });

  it("replaces the session's own rewritten work", async () => {
    await push({ commit: second });
    plainGit(sandbox.workspace, ["reset", "--quiet", "--hard", sandbox.base]);
    const rewritten = commitFiles(sandbox.workspace, { "c.txt": "c\n" });
    await sandbox.import(rewritten, sandbox.bundle(rewritten));
    await push({ commit: rewritten });
    expect(remoteBranch()).toBe(rewritten);
  });

  it("goes back where the user did, and not behind what the agent pushed in its turn", async () => {
    await push({ commit: second });
    session = { ...session, lastCommit: first };
    await push({ commit: undefined });
    expect(remoteBranch()).toBe(first);
    const third = commitFiles(sandbox.workspace, { "c.txt": "c\n" });
    await sandbox.import(third, sandbox.bundle(third, [second]));
    await push({ commit: third });
    expect((await push({ commit: undefined })).commit).toBe(third);
    expect(remoteBranch()).toBe(third);
  });

  it("never overwrites what someone else pushed", async () => {
    await push();
    const theirs = commitThere(first);
    await expect(push({ commit: second })).rejects.toMatchObject({ code: "push.rejected" });
    expect(remoteBranch()).toBe(theirs);
  });

  it("never overwrites a branch of the same name that was there before", async () => {
    const theirs = commitThere(sandbox.base);
    await expect(push()).rejects.toMatchObject({ code: "push.rejected" });
    expect(remoteBranch()).toBe(theirs);
  });

  it("does not overwrite what was pushed between looking and pushing", async () => {
    // The remote's own hook moves the branch the moment it is about to be written.
    await push();
    const theirs = plainGit(bare.path, ["commit-tree", "-p", first, "-m", "Theirs", `${first}^{tree}`]);
    const hook = join(bare.path, "hooks", "pre-receive");
    writeFileSync(hook, `#!/bin/sh\nenv -u GIT_QUARANTINE_PATH git update-ref refs/heads/${BRANCH} ${theirs}\n`);
    chmodSync(hook, 0o755);
    await expect(push({ commit: second })).rejects.toMatchObject({ code: "push.rejected" });
    expect(remoteBranch()).toBe(theirs);
  });

  it("makes a branch again that was deleted there", async () => {
    await push();
    plainGit(bare.path, ["update-ref", "-d", `refs/heads/${BRANCH}`]);
    await push({ commit: second });
    expect(remoteBranch()).toBe(second);
  });

  it("hands on why a hook of the remote declined", async () => {
    const hook = join(bare.path, "hooks", "pre-receive");
    writeFileSync(hook, "#!/bin/sh\necho 'No pushes on Fridays.' >&2\nexit 1\n");
    chmodSync(hook, 0o755);
    const failure = { code: "push.rejected", message: expect.stringContaining("No pushes on Fridays.") };
    await expect(push()).rejects.toMatchObject(failure);
    expect(remoteBranch()).toBeUndefined();
  });

  it("says that the key is not accepted, and that the host is not known", async () => {
    await expect(push({}, ssh.wrongKeyEnv)).rejects.toMatchObject({
      code: "push.unauthorized",
      message: expect.stringContaining("SSH key"),
    });
    await expect(push({}, ssh.unknownHostEnv)).rejects.toMatchObject({
      code: "push.unauthorized",
      details: { advice: expect.stringContaining("ssh -T git@git.example.test") },
    });
    await ssh.stop();
    await expect(push()).rejects.toMatchObject({ code: "remote.unreachable" });
    ssh = await startSshRemote();
    expect(events).toEqual([]);
  });

  it("takes the SSH command from the user's repository", async () => {
    plainGit(sandbox.user, ["config", "core.sshCommand", ssh.env["GIT_SSH_COMMAND"] ?? ""]);
    expect((await push({}, {})).commit).toBe(first);
  });

  it("ends when it is cancelled", async () => {
    const hook = join(bare.path, "hooks", "pre-receive");
    writeFileSync(hook, "#!/bin/sh\necho waiting >&2\nexec sleep 600\n");
    chmodSync(hook, 0o755);
    const abort = new AbortController();
    const onLog = (text: string) => void (text.includes("waiting") && abort.abort());
    await expect(push({ signal: abort.signal, onLog })).rejects.toThrow("cancelled");
    expect(remoteBranch()).toBeUndefined();
  });
});

describe("pushing to a path", () => {
  it.each([
    ["relative to the repository", (path: string) => relative(sandbox.user, path)],
    ["in full", (path: string) => path],
    ["as an address", (path: string) => `file://${path}`],
  ])("%s", async (_name, addressOf) => {
    plainGit(sandbox.user, ["remote", "set-url", "origin", addressOf(bare.path)]);
    // As git itself understands it.
    expect(plainGit(sandbox.user, ["ls-remote", "origin", "refs/heads/main"])).toContain(sandbox.base);
    expect((await push()).commit).toBe(first);
    expect(remoteBranch()).toBe(first);
  });

  it("says that the name is taken, not that someone pushed", async () => {
    plainGit(sandbox.user, ["remote", "set-url", "origin", bare.path]);
    plainGit(bare.path, ["update-ref", "refs/heads/agents", sandbox.base]);
    const taken = {
      ...{ code: "push.rejected", message: expect.stringContaining("agents stands in the way of") },
      details: { advice: expect.stringContaining("another name") },
    };
    await expect(push()).rejects.toMatchObject(taken);
    // And the other way about: a name below which there are branches.
    plainGit(bare.path, ["update-ref", "-d", "refs/heads/agents"]);
    await push();
    const above = { code: "push.rejected", message: expect.stringContaining(`${BRANCH} stands in the way of agents`) };
    await expect(push({ branch: "agents" })).rejects.toMatchObject(above);
    expect(remoteRefs()).toEqual({ "refs/heads/main": sandbox.base, [`refs/heads/${BRANCH}`]: first });
  });
});

describe("pushing over HTTP", () => {
  /** Answers every request with the status and looks at what the machine shows of running programs. */
  async function serve(status: number) {
    const seen: { authorization: string | undefined; processes: string }[] = [];
    const server = createServer((request, response) => {
      const programs = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
      const lineOf = (pid: string) => {
        try {
          return readFileSync(join("/proc", pid, "cmdline"), "utf8");
        } catch {
          return "";
        }
      };
      seen.push({ authorization: request.headers.authorization, processes: programs.map(lineOf).join("\n") });
      response.writeHead(status, { "www-authenticate": "Basic realm=x" }).end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    const close = (): Promise<unknown> => new Promise((resolve) => server.close(resolve));
    return { host: `127.0.0.1:${address.port}`, seen, close };
  }

  it("says that a token is wanted, and where nothing answers", async () => {
    const { host, close } = await serve(401);
    plainGit(sandbox.user, ["remote", "set-url", "origin", `http://${host}/ada/example.git`]);
    const wanted = { code: "push.unauthorized", message: expect.stringContaining("token") };
    await expect(push()).rejects.toMatchObject(wanted);
    await close();
    await expect(push()).rejects.toMatchObject({ code: "remote.unreachable" });
  });

  it.runIf(existsSync("/proc/self/cmdline"))("shows a password to the remote alone", async () => {
    const { host, seen, close } = await serve(403);
    plainGit(sandbox.user, ["remote", "set-url", "origin", `http://ada:s3%40cret@${host}/ada/example.git`]);
    let log = "";
    const failing = push({ onLog: (text) => void (log += text) });
    await expect(failing).rejects.toMatchObject({ code: "push.unauthorized" });
    await close();
    expect(seen[0]?.authorization).toBe(`Basic ${Buffer.from("ada:s3@cret").toString("base64")}`);
    expect(seen[0]?.processes).toContain("git");
    expect(seen[0]?.processes).not.toMatch(/s3(%40|@)cret/);
    expect(log).not.toMatch(/s3(%40|@)cret/);
  });
});

describe("what is never pushed", () => {
  it.each(["main", "master", "a b", "-x", "agents/x:refs/heads/main", "agents/../main", "HEAD:main"])(
    "to %j",
    async (branch) => {
      const before = remoteRefs();
      await expect(push({ branch })).rejects.toMatchObject({ code: "branch.refused" });
      expect(remoteRefs()).toEqual(before);
    },
  );

  it("to the branch that is the remote's main one", async () => {
    plainGit(bare.path, ["update-ref", "refs/heads/release", sandbox.base]);
    plainGit(bare.path, ["symbolic-ref", "HEAD", "refs/heads/release"]);
    await expect(push({ branch: "release" })).rejects.toMatchObject({ code: "branch.refused" });
    expect(remoteBranch("release")).toBe(sandbox.base);
    plainGit(bare.path, ["symbolic-ref", "HEAD", "refs/heads/main"]);
    await push({ branch: "release" });
    expect(remoteBranch("release")).toBe(first);
  });

  it("by way of an address that runs a program", async () => {
    const evidence = join(sandbox.temp, "ran");
    plainGit(sandbox.user, ["remote", "set-url", "origin", `ext::touch ${evidence}`]);
    plainGit(sandbox.user, ["config", "protocol.ext.allow", "always"]);
    await expect(push()).rejects.toMatchObject({ code: "remote.missing" });
    expect(() => plainGit(sandbox.temp, ["hash-object", evidence])).toThrow(/No such file/);
    // The control: plain git does run it.
    expect(() => plainGit(sandbox.user, ["ls-remote", "origin"])).toThrow(/remote/);
    expect(plainGit(sandbox.temp, ["hash-object", evidence])).not.toBe("");
  });

  it("with hooks of the user's repository, or credentials in sight", async () => {
    const evidence = join(sandbox.temp, "hook-ran");
    plainGit(sandbox.user, ["config", "--global", "core.hooksPath", join(sandbox.temp, "hooks")], {
      env: { GIT_CONFIG_GLOBAL: join(sandbox.temp, ".gitconfig") },
    });
    for (const hooks of [join(sandbox.user, ".git", "hooks"), join(sandbox.temp, "hooks")]) {
      mkdirSync(hooks, { recursive: true });
      writeFileSync(join(hooks, "pre-push"), `#!/bin/sh\ntouch '${evidence}'\n`, { mode: 0o755 });
    }
    await push();
    expect(existsSync(evidence)).toBe(false);
    // The control: plain git runs it.
    plainGit(sandbox.user, ["push", "--quiet", "origin", "main:other"], { env: ssh.env });
    expect(existsSync(evidence)).toBe(true);

    plainGit(sandbox.user, ["remote", "set-url", "origin", bare.url.replace("ssh://", "ssh://ada:s3cret@")]);
    let log = "";
    const failing = push({ commit: second, onLog: (text) => void (log += text) });
    await failing.catch((error: unknown) => (log += String(error)));
    expect(log).toContain("Permission denied");
    expect(log).not.toContain("s3cret");
  });

  it("anywhere where there is no remote", async () => {
    plainGit(sandbox.user, ["remote", "remove", "origin"]);
    await expect(push()).rejects.toMatchObject({ code: "remote.missing" });
    await expect(push({ remote: "elsewhere" })).rejects.toMatchObject({ code: "remote.missing" });
  });
});
