import { existsSync } from "node:fs";
import { join } from "node:path";
import { createGit } from "../../src/lib/git-process.ts";
import { createPublisher } from "../../src/repositories/publish.ts";
import { commitFiles, plainGit, plantHooks, writeFiles } from "../../src/repositories/testing/git-fixture.ts";
import { attempt, type AttackCase } from "../attack.ts";
import { gitCase, type GitCase, type Sandbox } from "./git-case.ts";

/** All that the host does with a sandbox's work: takes it in, reads it, publishes it. */
async function bringIn(sandbox: Sandbox, commit: string, bundle: Buffer): Promise<string> {
  const { quarantine, sessionId, base, user, git } = sandbox;
  await sandbox.import(commit, bundle);
  const range = { sessionId, from: base, to: commit };
  const diff = await quarantine.diff(range);
  const changes = await quarantine.changes(range);
  const publisher = createPublisher({ git });
  await publisher.publish({
    ...{ repositoryPath: user, quarantinePath: quarantine.path(sessionId), commit },
    ...{ branch: "agents/attack", previous: null },
  });
  return diff + JSON.stringify(changes);
}

interface Trap {
  name: string;
  /** Lays it in the sandbox's clone, of which the agent is the owner; `evidence` is a file that it makes. */
  lay(workspace: string, evidence: string): void;
  /** What a careless host runs there. */
  spring: string[];
}

const config = (workspace: string, ...lines: [string, string][]): void => {
  for (const [key, value] of lines) plainGit(workspace, ["config", key, value]);
};

const TRAPS: Trap[] = [
  {
    name: "a hook",
    lay: (workspace, evidence) => plantHooks(join(workspace, ".git", "hooks"), evidence),
    spring: ["commit", "--allow-empty", "-qm", "x"],
  },
  {
    name: "a file system monitor",
    lay: (workspace, evidence) => config(workspace, ["core.fsmonitor", `touch ${evidence};false`]),
    spring: ["status"],
  },
  {
    name: "a filter",
    lay(workspace, evidence) {
      config(
        workspace,
        ["filter.trap.clean", `touch ${evidence}; cat`],
        ["filter.trap.smudge", `touch ${evidence}; cat`],
      );
      writeFiles(workspace, { ".gitattributes": "* filter=trap\n", "late.txt": "late\n" });
    },
    spring: ["add", "-A"],
  },
  {
    name: "an external diff",
    lay: (workspace, evidence) => config(workspace, ["diff.external", `touch ${evidence};true`]),
    spring: ["diff", "HEAD~1", "HEAD"],
  },
  {
    name: "a text conversion",
    lay(workspace, evidence) {
      config(workspace, ["diff.trap.textconv", `touch ${evidence};cat`]);
      writeFiles(workspace, { ".gitattributes": "* diff=trap\n" });
    },
    spring: ["diff", "HEAD~1", "HEAD"],
  },
  {
    name: "an alias of a command",
    lay: (workspace, evidence) => config(workspace, ["alias.fold", `!touch ${evidence}`]),
    spring: ["fold"],
  },
];

const trapCase = ({ name, lay, spring }: Trap): GitCase => {
  const set = (sandbox: Sandbox): { commit: string; evidence: string; bundle: Buffer } => {
    const commit = commitFiles(sandbox.workspace, { "made.txt": "made\n" });
    // Made by git in the sandbox, where the trap may well spring.
    const bundle = sandbox.bundle(commit);
    const evidence = join(sandbox.temp, "evidence");
    lay(sandbox.workspace, evidence);
    return { commit, evidence, bundle };
  };
  return {
    quick: spring[0] === "add" || spring[0] === "commit",
    name: `run a program on the host by ${name} of the clone`,
    async attack(sandbox) {
      const { commit, evidence, bundle } = set(sandbox);
      const said = await bringIn(sandbox, commit, bundle);
      return { succeeded: existsSync(evidence), said };
    },
    async control(sandbox) {
      const { evidence } = set(sandbox);
      const { said } = await attempt(async () => plainGit(sandbox.workspace, spring));
      return { succeeded: existsSync(evidence), said };
    },
  };
};

const USER_TRAPS: GitCase[] = [
  {
    name: "run a hook of the user's repository when work is published",
    async attack(sandbox) {
      const evidence = join(sandbox.temp, "evidence");
      plantHooks(join(sandbox.user, ".git", "hooks"), evidence);
      const commit = commitFiles(sandbox.workspace, { "made.txt": "made\n" });
      const said = await bringIn(sandbox, commit, sandbox.bundle(commit));
      const published = plainGit(sandbox.user, ["for-each-ref", "refs/heads/agents/attack"]) !== "";
      return { succeeded: existsSync(evidence) || !published, said };
    },
    async control(sandbox) {
      const evidence = join(sandbox.temp, "evidence");
      plantHooks(join(sandbox.user, ".git", "hooks"), evidence);
      plainGit(sandbox.user, ["update-ref", "refs/heads/agents/attack", sandbox.base]);
      return { succeeded: existsSync(evidence), said: "" };
    },
  },
  {
    name: "run a command as a remote's transport",
    async attack(sandbox) {
      const evidence = join(sandbox.temp, "evidence");
      const { said } = await attempt(() =>
        createGit().run(["ls-remote", `ext::touch ${evidence}`], { cwd: sandbox.user }),
      );
      return { succeeded: existsSync(evidence), said };
    },
    async control(sandbox) {
      const evidence = join(sandbox.temp, "evidence");
      const args = ["-c", "protocol.ext.allow=always", "ls-remote", `ext::touch ${evidence}`];
      const { said } = await attempt(async () => plainGit(sandbox.user, args));
      return { succeeded: existsSync(evidence), said };
    },
  },
];

/** Programs that git would run on the host, laid where the agent may write or where a hostile repository has them. */
export const TRAP_ATTACKS: AttackCase[] = [...TRAPS.map(trapCase), ...USER_TRAPS].map(gitCase);
