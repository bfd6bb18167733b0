import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { newId } from "@background-agents/shared/ids";
import { BUNDLE_REF } from "@background-agents/shared/protocol/supervisor-frames";
import { parseCloneUrl } from "../../src/repositories/clone-url.ts";
import { createPublisher } from "../../src/repositories/publish.ts";
import { createQuarantine } from "../../src/repositories/quarantine.ts";
import { commitFiles, plainGit } from "../../src/repositories/testing/git-fixture.ts";
import { attempt, type AttackCase, type Attempt } from "../attack.ts";
import type { AttackWorld } from "../attack-world.ts";
import { gitCase, type GitCase, type Sandbox } from "./git-case.ts";

const ADDRESSES = (sandbox: Sandbox, evidence: string): Record<string, string> => ({
  "a command as transport": `ext::touch ${evidence}`,
  "a local path": sandbox.user,
  "a file address": `file://${sandbox.user}`,
  "an option": `--upload-pack=touch ${evidence};git-upload-pack`,
});

const addressCase = (name: string): GitCase => ({
  quick: name === "an option",
  name: `clone from ${name}`,
  attack: (sandbox) =>
    attempt(async () => parseCloneUrl(ADDRESSES(sandbox, join(sandbox.temp, "evidence"))[name] ?? "")),
  async control(sandbox) {
    const evidence = join(sandbox.temp, "evidence");
    const target = join(sandbox.temp, "cloned");
    const address = ADDRESSES(sandbox, evidence)[name] ?? "";
    const more = name === "an option" ? [sandbox.user] : [];
    const args = ["-c", "protocol.ext.allow=always", "clone", "-q", address, ...more, target];
    const { said } = await attempt(async () => plainGit(sandbox.temp, args));
    return { succeeded: existsSync(evidence) || existsSync(join(target, ".git")), said };
  },
});

/** Writes a tree without git's own checks. */
function writeTree(repository: string, entries: [mode: string, name: string, object: string][]): string {
  const raw = entries.flatMap(([mode, name, object]) => [Buffer.from(`${mode} ${name}\0`), Buffer.from(object, "hex")]);
  return plainGit(repository, ["hash-object", "-t", "tree", "-w", "--stdin", "--literally"], {
    input: Buffer.concat(raw),
  });
}

const commitTree = ({ workspace, base }: Sandbox, tree: string): string =>
  plainGit(workspace, ["commit-tree", "-p", base, "-m", "Made by hand", tree]);

/** A bundle that says it builds on the base, with exactly these objects. */
function handMade(sandbox: Sandbox, objects: string[], refs: string[]): Buffer {
  const prefix = join(sandbox.temp, "packed");
  const input = objects.map((id) => `${id}\n`).join("");
  const hash = plainGit(sandbox.workspace, ["pack-objects", "--quiet", prefix], { input });
  const head = `# v2 git bundle\n-${sandbox.base} First\n${refs.join("\n")}\n\n`;
  return Buffer.concat([Buffer.from(head), readFileSync(`${prefix}-${hash}.pack`)]);
}

const objectsOf = ({ workspace, base }: Sandbox, commit: string): string[] =>
  plainGit(workspace, ["rev-list", "--objects", "--no-object-names", `${base}..${commit}`]).split("\n");

/** What git takes in when it is asked to fetch, with none of the import's checks. */
function fetchPlainly(sandbox: Sandbox, bundle: Buffer, refspec: string): Promise<Attempt> {
  const file = join(sandbox.temp, "evil.bundle");
  writeFileSync(file, bundle);
  return attempt(async () => plainGit(sandbox.mirrorPath, ["fetch", "--quiet", file, refspec]));
}

const treeCase = (name: string): GitCase => {
  const make = (sandbox: Sandbox): { commit: string; bundle: Buffer } => {
    const input = "[core]\n\tfsmonitor = evil\n";
    const blob = plainGit(sandbox.workspace, ["hash-object", "-w", "--stdin"], { input });
    const inner = writeTree(sandbox.workspace, [["100644", "config", blob]]);
    const commit = commitTree(sandbox, writeTree(sandbox.workspace, [["40000", name, inner]]));
    return { commit, bundle: handMade(sandbox, objectsOf(sandbox, commit), [`${commit} ${BUNDLE_REF}`]) };
  };
  return {
    quick: name === ".git",
    name: `bring in a tree with ${name}/config in it`,
    attack(sandbox) {
      const { commit, bundle } = make(sandbox);
      return attempt(() => sandbox.import(commit, bundle));
    },
    control: (sandbox) => fetchPlainly(sandbox, make(sandbox).bundle, `${BUNDLE_REF}:refs/x/evil`),
  };
};

const refCase = (name: string, refsOf: (commit: string) => string[]): GitCase => {
  const make = (sandbox: Sandbox): { commit: string; bundle: Buffer } => {
    const commit = commitFiles(sandbox.workspace, { "made.txt": "made\n" });
    return { commit, bundle: handMade(sandbox, objectsOf(sandbox, commit), refsOf(commit)) };
  };
  return {
    name,
    attack(sandbox) {
      const { commit, bundle } = make(sandbox);
      return attempt(() => sandbox.import(commit, bundle));
    },
    control: (sandbox) => fetchPlainly(sandbox, make(sandbox).bundle, "+refs/heads/*:refs/heads/*"),
  };
};

const THEFT: GitCase = {
  name: "complete a private blob of the user's by a bundle that only names it",
  async attack(sandbox, world) {
    const { commit, theft } = steal(sandbox, world.canaries.privateBlob);
    return attempt(async () => {
      await sandbox.import(commit, theft);
      const { bytes } = await sandbox.quarantine.content({ sessionId: sandbox.sessionId, commit, path: "stolen.txt" });
      return bytes.toString();
    });
  },
  async control(sandbox, world) {
    const { commit, theft } = steal(sandbox, world.canaries.privateBlob);
    const { git, temp, user, sessionId, repositoryId, base } = sandbox;
    const mirrors = { path: () => join(user, ".git") };
    const open = createQuarantine({ git, dataDir: join(temp, "open"), mirrors });
    const ids = { sessionId, repositoryId, checkpointId: newId("checkpoint"), baseCommit: base, previousCommit: base };
    await open.importBundle({ ...ids, commit, bundle: Readable.from([theft]) });
    return attempt(async () => plainGit(open.path(sessionId), ["show", `${commit}:stolen.txt`]));
  },
};

function steal(sandbox: Sandbox, secret: string): { commit: string; theft: Buffer } {
  plainGit(sandbox.user, ["checkout", "--quiet", "-b", "private"]);
  commitFiles(sandbox.user, { "secret.txt": secret });
  const blob = plainGit(sandbox.user, ["rev-parse", "HEAD:secret.txt"]);
  const tree = writeTree(sandbox.workspace, [["100644", "stolen.txt", blob]]);
  const commit = commitTree(sandbox, tree);
  return { commit, theft: handMade(sandbox, [commit, tree], [`${commit} ${BUNDLE_REF}`]) };
}

const branchCase = (branch: string): GitCase => ({
  quick: branch.endsWith("main"),
  name: `publish to ${JSON.stringify(branch)}`,
  attack: (sandbox) => attempt(() => publishTo(sandbox, branch)),
  control: (sandbox) => attempt(() => publishTo(sandbox, "agents/attack")),
});

async function publishTo(sandbox: Sandbox, branch: string): Promise<string> {
  const { git, user, quarantine, sessionId } = sandbox;
  const commit = commitFiles(sandbox.workspace, { "made.txt": "made\n" });
  await sandbox.import(commit, sandbox.bundle(commit));
  const order = { repositoryPath: user, quarantinePath: quarantine.path(sessionId), commit, branch, previous: null };
  const { outcome } = await createPublisher({ git }).publish(order);
  if (outcome !== "published") throw new Error(outcome);
  return outcome;
}

const LINK: GitCase = {
  name: "read the host's files by a link in the work",
  async attack(sandbox, world) {
    const commit = commitLink(sandbox, world);
    await sandbox.import(commit, sandbox.bundle(commit));
    const { bytes } = await sandbox.quarantine.content({ sessionId: sandbox.sessionId, commit, path: "link" });
    return { succeeded: bytes.includes("canary-"), said: bytes.toString() };
  },
  async control(sandbox, world) {
    commitLink(sandbox, world);
    const text = readFileSync(join(sandbox.workspace, "link"), "utf8");
    return { succeeded: text.includes("canary-"), said: text };
  },
};

function commitLink({ workspace }: Sandbox, { home }: AttackWorld): string {
  symlinkSync(join(home, ".ssh", "id_ed25519"), join(workspace, "link"));
  return commitFiles(workspace, {});
}

const OPTION: GitCase = {
  name: "write a file on the host by a path that reads as an option",
  async attack(sandbox) {
    const commit = commitFiles(sandbox.workspace, { "made.txt": "made\n" });
    await sandbox.import(commit, sandbox.bundle(commit));
    const written = join(sandbox.temp, "written");
    const range = { sessionId: sandbox.sessionId, from: sandbox.base, to: commit };
    const { said } = await attempt(() => sandbox.quarantine.diff({ ...range, path: `--output=${written}` }));
    return { succeeded: existsSync(written), said };
  },
  async control(sandbox) {
    commitFiles(sandbox.workspace, { "made.txt": "made\n" });
    const written = join(sandbox.temp, "written");
    plainGit(sandbox.workspace, ["diff", sandbox.base, "HEAD", `--output=${written}`]);
    return { succeeded: existsSync(written), said: "" };
  },
};

const pathCase = (path: string): GitCase => ({
  quick: path.startsWith("../"),
  name: `read the path ${JSON.stringify(path)} of a commit`,
  attack: async (sandbox) => {
    const commit = commitFiles(sandbox.workspace, { "made.txt": "made\n" });
    await sandbox.import(commit, sandbox.bundle(commit));
    return attempt(() => sandbox.quarantine.content({ sessionId: sandbox.sessionId, commit, path }));
  },
  async control(sandbox) {
    mkdirSync(join(sandbox.workspace, "deep"), { recursive: true });
    writeFileSync(join(sandbox.temp, "outside.txt"), "outside");
    // A server that joins what it is given to a directory.
    return attempt(async () =>
      readFileSync(join(sandbox.workspace, decodeURIComponent(path).split("\0")[0] ?? ""), "utf8"),
    );
  },
});

export const GIT_ATTACKS: AttackCase[] = [
  ...["a command as transport", "a local path", "a file address", "an option"].map(addressCase),
  ...[".git", ".GIT", ".."].map(treeCase),
  refCase("bring in the base branch itself", (commit) => [`${commit} refs/heads/main`]),
  refCase("bring in a second ref", (commit) => [`${commit} ${BUNDLE_REF}`, `${commit} refs/heads/x`]),
  refCase("bring in a thousand refs", (commit) =>
    Array.from({ length: 1_000 }, (_, place) => `${commit} refs/heads/many/${place}`),
  ),
  THEFT,
  ...["main", "agents/../main", "agents/x.lock", "refs/heads/main"].map(branchCase),
  LINK,
  OPTION,
  ...["../outside.txt", "..%2foutside.txt", ".git/config", "made.txt/../../outside.txt"].map(pathCase),
].map(gitCase);
