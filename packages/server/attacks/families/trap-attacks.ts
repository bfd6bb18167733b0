import { appendFileSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createGit } from "../../src/lib/git-process.ts";
import { plainGit, plantHooks } from "../../src/repositories/testing/git-fixture.ts";
import { attempt, type AttackCase } from "../attack.ts";
import { ATTRIBUTES, bringInWork, prepareWork, type Work } from "../bring-in-work.ts";
import { gitCase, type GitCase, type Sandbox } from "./git-case.ts";

/**
 * Where traps lie. In the clone, of which the agent is the owner; in the user's repository, which may be one that was
 * unpacked with such a configuration and in which the host itself works; and in the quarantine, where nobody can lay
 * one: it would not spring there either.
 */
type Place = "clone" | "user's repository" | "quarantine";

interface Trap {
  name: string;
  /** Lays it in a repository; `evidence` is a file that it makes. */
  lay(repository: string, evidence: string, place: Place): void;
  /** What a careless host would run there, by place; where there is none, git has no use for such a trap. */
  springs: Partial<Record<Place, (work: Work, sandbox: Sandbox) => string[]>>;
  quick?: Place[];
}

const config = (repository: string, ...lines: [string, string][]): void => {
  for (const [key, value] of lines) plainGit(repository, ["config", key, value]);
};

/** A directory or file of the repository's own, bare or not. */
const within = (repository: string, ...names: string[]): string =>
  join(plainGit(repository, ["rev-parse", "--absolute-git-dir"]), ...names);

/** Where git looks for attributes in a repository that has no working tree with the agent's. */
function attribute(repository: string): void {
  mkdirSync(within(repository, "info"), { recursive: true });
  appendFileSync(within(repository, "info", "attributes"), ATTRIBUTES);
}

const moveBranch = (_work: Work, { base }: Sandbox): string[] => ["update-ref", "refs/heads/agents/plain", base];
const commitNothing = (): string[] => ["commit", "--allow-empty", "-qm", "x"];
const diffWork = ({ second }: Work, { base }: Sandbox): string[] => ["diff", base, second.commit];
const readFiltered = ({ second }: Work): string[] => ["cat-file", "--filters", `${second.commit}:made.txt`];

const TRAPS: Trap[] = [
  {
    name: "a hook",
    lay: (repository, evidence) => plantHooks(within(repository, "hooks"), evidence),
    springs: { clone: commitNothing, "user's repository": moveBranch, quarantine: moveBranch },
    quick: ["clone", "user's repository"],
  },
  {
    name: "a directory of hooks",
    lay(repository, evidence) {
      plantHooks(within(repository, "other-hooks"), evidence);
      config(repository, ["core.hooksPath", within(repository, "other-hooks")]);
    },
    springs: { clone: commitNothing, "user's repository": moveBranch, quarantine: moveBranch },
  },
  {
    name: "a file system monitor",
    lay: (repository, evidence) => config(repository, ["core.fsmonitor", `touch ${evidence};false`]),
    springs: { clone: () => ["status"], "user's repository": () => ["status"] },
  },
  {
    name: "a filter",
    lay(repository, evidence, place) {
      const command = `touch ${evidence}; cat`;
      config(repository, ["filter.trap.clean", command], ["filter.trap.smudge", command]);
      // Elsewhere by the agent's own file alone: what the user has their files filtered by is theirs.
      if (place === "quarantine") attribute(repository);
    },
    springs: {
      clone: () => ["checkout", "--quiet", "HEAD~1"],
      "user's repository": ({ second }, { temp }) => ["worktree", "add", join(temp, "plain"), second.commit],
      quarantine: readFiltered,
    },
    quick: ["clone", "user's repository"],
  },
  {
    name: "an external diff",
    lay: (repository, evidence) => config(repository, ["diff.external", `touch ${evidence};true`]),
    springs: { clone: diffWork, "user's repository": diffWork, quarantine: diffWork },
  },
  {
    name: "a text conversion",
    lay(repository, evidence) {
      config(repository, ["diff.trap.textconv", `touch ${evidence};cat`]);
      attribute(repository);
    },
    springs: { clone: diffWork, "user's repository": diffWork, quarantine: diffWork },
  },
  {
    name: "a program that signs",
    lay(repository, evidence) {
      const program = `${evidence}.sh`;
      writeFileSync(program, `#!/bin/sh\ntouch '${evidence}'\nexit 1\n`, { mode: 0o755 });
      config(repository, ["commit.gpgSign", "true"], ["gpg.program", program]);
    },
    springs: { clone: commitNothing, "user's repository": commitNothing },
  },
  {
    name: "an alias of a command",
    lay: (repository, evidence) => config(repository, ["alias.fold", `!touch ${evidence}`]),
    springs: { clone: () => ["fold"], "user's repository": () => ["fold"] },
  },
];

const PATHS: Record<Place, (sandbox: Sandbox) => string> = {
  clone: ({ workspace }) => workspace,
  "user's repository": ({ user }) => user,
  quarantine: ({ quarantine, sessionId }) => quarantine.path(sessionId),
};

const trapCases = ({ name, lay, springs, quick }: Trap): GitCase[] =>
  (Object.keys(springs) as Place[]).map((place) => ({
    quick: quick?.includes(place) === true,
    name: `run a program on the host by ${name} of the ${place}`,
    async attack(sandbox) {
      const work = prepareWork(sandbox);
      const evidence = join(sandbox.temp, "evidence");
      const set = (): void => lay(PATHS[place](sandbox), evidence, place);
      // The quarantine is there only after the first import.
      const isLate = place === "quarantine";
      if (!isLate) set();
      const said = await bringInWork(sandbox, work, isLate ? set : undefined);
      return { succeeded: existsSync(evidence), said };
    },
    // The same commits at the same place, and git without what the server says to it.
    async control(sandbox) {
      const work = prepareWork(sandbox);
      const evidence = join(sandbox.temp, "evidence");
      await sandbox.import(work.first.commit, work.first.bundle);
      await sandbox.import(work.second.commit, work.second.bundle, { previousCommit: work.first.commit });
      const from = sandbox.quarantine.path(sandbox.sessionId);
      plainGit(sandbox.user, ["fetch", "--quiet", from, "+refs/checkpoints/*:refs/checkpoints/*"]);
      lay(PATHS[place](sandbox), evidence, place);
      if (existsSync(evidence)) throw new Error("it springs already where it is laid");
      const args = springs[place]?.(work, sandbox) ?? [];
      const { said } = await attempt(async () => plainGit(PATHS[place](sandbox), args));
      return { succeeded: existsSync(evidence), said };
    },
  }));

const TRANSPORT: GitCase = {
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
};

/** Programs that git would run on the host, laid where the agent may write or where a hostile repository has them. */
export const TRAP_ATTACKS: AttackCase[] = [...TRAPS.flatMap(trapCases), TRANSPORT].map(gitCase);
