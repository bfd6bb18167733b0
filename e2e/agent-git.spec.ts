import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { SSH_HOST, startSshRemote, type SshRemote } from "../packages/server/src/testing/ssh-remote.ts";
import { createApi } from "./api.ts";
import { makeRepository } from "./git-repository.ts";
import { startSystem } from "./start-system.ts";

/** git and gh as an agent uses them in a real container, with a bare repository over real SSH as the remote. */

let ssh: SshRemote;
test.beforeAll(async () => {
  ssh = await startSshRemote();
});
test.afterAll(() => ssh.stop());

// Real containers on a machine that may be busy.
test.setTimeout(600_000);

type System = Awaited<ReturnType<typeof startSystem>>;

function inspectContainer(system: System) {
  const instance = readFileSync(join(system.dataDir, "instance-id"), "utf8").trim();
  const filter = `label=background-agents.instance=${instance}`;
  const id = execFileSync("docker", ["ps", "--quiet", "--filter", filter], { encoding: "utf8" }).trim();
  const found = JSON.parse(execFileSync("docker", ["inspect", id], { encoding: "utf8" })) as {
    Config: { User: string };
    Mounts: { Destination: string; RW: boolean }[];
  }[];
  return { id, container: found[0] };
}

/** The user's repository, with `origin` over SSH. */
function makeRemote(system: System, name: string) {
  const repository = makeRepository(system.reposDir, "pushed");
  const { path: bare, url } = ssh.makeBare(`ada/${name}`);
  repository.git("remote", "add", "origin", url);
  execFileSync("git", ["-C", repository.path, "push", "--quiet", "origin", "main"], {
    env: { ...process.env, ...ssh.env },
    stdio: "pipe",
  });
  const refs = () =>
    execFileSync("git", ["-C", bare, "for-each-ref", "--format=%(refname)"], { encoding: "utf8" })
      .split("\n")
      .filter(Boolean);
  const show = (...args: string[]) => execFileSync("git", ["-C", bare, ...args], { encoding: "utf8" }).trim();
  return { repository, url, refs, show };
}

/** What the agent's command printed. */
async function readOutput(system: System, id: string): Promise<string> {
  const events = await createApi(system).events(id);
  return events
    .flatMap((event) => (event.type === "part.settled" && event.data.tool?.output ? [event.data.tool.output] : []))
    .join("\n");
}

test("an agent pushes by way of the server: asked on the page, allowed, on the remote, with no credential inside", async ({
  page,
}) => {
  const system = await startSystem({ DEMO_PACE_MS: "0", ...ssh.env });
  try {
    const api = createApi(system);
    const { repository, refs, show } = makeRemote(system, "brokered");
    const before = repository.state();
    const commands = [
      "echo pushed > pushed.txt",
      "git add -A",
      "git commit -q -m 'Push this'",
      "git push -u origin HEAD",
      "git fetch",
      "echo upstream $(git rev-parse --abbrev-ref @{upstream})",
      "(git push origin HEAD:main || echo main refused)",
      "gh auth status",
      "(gh issue list || echo no issues here)",
      "ls -A /state/home/.ssh /root/.ssh 2>&1 | head -4",
    ];
    const session = await api.create({
      repository: repository.path,
      model: "demo/scripted",
      agentPush: "ask",
      prompt: { text: `[demo:command ${commands.join(" && ")}]` },
    });
    const asking = async () => (await api.session(session.id)).session.asking.approvals;
    await expect.poll(async () => (await asking()).length, { timeout: 300_000 }).toBe(1);
    const [approval] = await asking();
    expect(approval).toMatchObject({ action: "push", summary: `push ${session.branch} to origin` });
    expect((await api.session(session.id)).session).toMatchObject({ status: "waiting", attention: "needs-you" });
    expect(refs()).toEqual(["refs/heads/main"]);

    const { container } = inspectContainer(system);
    expect(container?.Config.User).toBe("10001:10001");
    expect(container?.Mounts.map(({ Destination }) => Destination).toSorted()).toEqual([
      ...["/mirror.git", "/run/hub", "/state", "/workspace"],
    ]);
    const { origin, hash } = new URL(system.url);
    await page.goto(`${origin}/sessions/${session.id}${hash}`);
    await expect(page.getByText(`push ${session.branch} to origin`).first()).toBeVisible();

    await api.call("POST", `/api/sessions/${session.id}/approvals/${approval?.approvalId ?? ""}`, { allow: true });
    expect(await api.ended(session.id)).toEqual(["completed"]);
    expect(refs()).toEqual([`refs/heads/${session.branch}`, "refs/heads/main"]);
    expect(show("log", "-1", "--format=%an <%ae>%n%B", session.branch)).toBe(
      `Ada Example <ada@example.org>\nPush this\n\nBackground-Agents-Session: ${session.id}`,
    );
    const output = await readOutput(system, session.id);
    expect(output).toContain(`upstream origin/${session.branch}`);
    expect(output).toContain("main is the user's own");
    expect(output).toContain("main refused");
    expect(output).toContain("No login is in this sandbox");
    expect(output).toContain("no issues here");
    expect(show("rev-parse", "main")).toBe(repository.git("rev-parse", "main"));
    expect(repository.state()).toEqual(before);
  } finally {
    await system.stop();
  }
});

test("with GIT_CREDENTIALS=mount the user's own key, settings and gh are inside, read-only, and ssh goes by the proxy", async ({
  page,
}) => {
  const home = mkdtempSync(join(tmpdir(), "ba-home-"));
  mkdirSync(join(home, ".ssh"), { mode: 0o700 });
  for (const name of ["id_ed25519", "known_hosts"]) copyFileSync(join(ssh.sshDir, name), join(home, ".ssh", name));
  const config = readFileSync(join(ssh.sshDir, "config"), "utf8").replaceAll(`${ssh.sshDir}/`, "~/.ssh/");
  writeFileSync(join(home, ".ssh", "config"), config.replace("Host *", `Host ${SSH_HOST}`), { mode: 0o600 });
  writeFileSync(join(home, ".gitconfig"), "[alias]\n\tmine = rev-parse --show-toplevel\n");
  const system = await startSystem({ DEMO_PACE_MS: "0", GIT_CREDENTIALS: "mount", HOME: home });
  try {
    const api = createApi(system);
    expect(await api.call("GET", "/api/health")).toMatchObject({ gitCredentials: "mount" });
    const { repository, url, refs } = makeRemote(system, "mounted");
    const commands = [
      "echo user $(id -u) origin $(git config remote.origin.url)",
      "git mine",
      "(touch ~/.ssh/planted || echo read-only)",
      "git commit -q --allow-empty -m 'By hand'",
      "git push -u origin HEAD",
      "git fetch",
      "gh --version",
      `(ssh -o BatchMode=yes -o StrictHostKeyChecking=no -p 22 elsewhere.example true || echo elsewhere refused)`,
    ];
    const prompt = { text: `[demo:command ${commands.join(" && ")}]` };
    const session = await api.create({ repository: repository.path, model: "demo/scripted", prompt });
    const { origin, hash } = new URL(system.url);
    await page.goto(`${origin}/sessions/${session.id}${hash}`);
    await expect(page.getByText("your keys inside")).toBeVisible();
    expect(await api.ended(session.id)).toEqual(["completed"]);
    const output = await readOutput(system, session.id);
    expect(output).toContain(`user ${userInfo().uid} origin ${url}`);
    expect(output).toContain("/workspace/pushed");
    expect(output).toContain("read-only");
    expect(output).toContain("gh version");
    expect(output).toContain("no connection to elsewhere.example:22");
    expect(output).toContain("elsewhere refused");
    expect(refs()).toEqual([`refs/heads/${session.branch}`, "refs/heads/main"]);
    const { id, container } = inspectContainer(system);
    expect(container?.Config.User).toBe(`${userInfo().uid}:${userInfo().gid}`);
    expect(container?.Mounts.filter(({ RW }) => RW).map(({ Destination }) => Destination)).toEqual(
      expect.arrayContaining(["/state", "/workspace"]),
    );
    expect(
      container?.Mounts.filter(({ RW }) => !RW)
        .map(({ Destination }) => Destination)
        .toSorted(),
    ).toEqual([...["/etc/passwd", "/mirror.git", "/run/hub", "/state/home/.gitconfig", "/state/home/.ssh"]]);
    // The work of the turn came to the host as with any other sandbox, and the next container has its volumes.
    await expect(async () => expect(repository.git("log", "--format=%s", session.branch)).toContain("By hand")).toPass({
      timeout: 60_000,
    });
    execFileSync("docker", ["kill", id]);
    await api.call("POST", `/api/sessions/${session.id}/prompts`, { text: "Again" });
    expect(await api.ended(session.id)).toEqual(["completed", "completed"]);
  } finally {
    await system.stop();
    rmSync(home, { recursive: true, force: true });
  }
});
