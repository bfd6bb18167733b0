import { readFileSync, utimesSync } from "node:fs";
import { join } from "node:path";
import type { Session } from "@background-agents/shared/sessions/session";
import { createGit } from "../src/lib/git-process.ts";
import { applyWork } from "../src/publishing/apply-work.ts";
import { checkOut } from "../src/publishing/check-out.ts";
import { createCopiedFiles } from "../src/repositories/copied-files.ts";
import { inspectRepository } from "../src/repositories/inspect-repository.ts";
import { createPublisher } from "../src/repositories/publish.ts";
import { commitFiles, plainGit } from "../src/repositories/testing/git-fixture.ts";
import type { makeSandbox } from "../src/repositories/testing/sandbox-fixture.ts";

type Sandbox = Awaited<ReturnType<typeof makeSandbox>>;

/** Two turns' commits, each with the bundle that brings it. */
export interface Work {
  first: { commit: string; bundle: Buffer };
  second: { commit: string; bundle: Buffer };
}

/** Every file of the agent's wants the drivers called `trap`, wherever git reads its attributes. */
export const ATTRIBUTES = "* filter=trap diff=trap\n";

const MADE = "made.txt";
const LATEST = "made again\n";

/** What an agent commits; meanwhile the user's own branch has moved on, so that its commits are to be made anew there. */
export function prepareWork(sandbox: Sandbox): Work {
  const { workspace, user } = sandbox;
  const first = commitFiles(workspace, { ".gitattributes": ATTRIBUTES, [MADE]: "made\n" });
  const second = commitFiles(workspace, { [MADE]: LATEST });
  commitFiles(user, { "mine.txt": "mine\n" });
  return {
    first: { commit: first, bundle: sandbox.bundle(first) },
    second: { commit: second, bundle: sandbox.bundle(second, [first]) },
  };
}

/**
 * All that the host does with a sandbox's work and the user's repository: takes it in, reads it, publishes it, makes a
 * work tree of it that follows, applies it. Throws where a step does not do its work: then it was no attempt.
 */
export async function bringInWork(sandbox: Sandbox, work: Work, afterFirst = (): void => undefined): Promise<string> {
  const { quarantine, sessionId, repositoryId, base, user } = sandbox;
  const { first, second } = work;
  const git = createGit({ env: { PATH: process.env["PATH"], HOME: sandbox.temp } });
  const repository = { id: repositoryId, name: "user", path: user };
  const branch = "agents/attack";
  const session = { ...({} as Session), id: sessionId, branch, repository, baseCommit: base };
  const running = { signal: new AbortController().signal, onLog: () => undefined };

  const { problem } = await inspectRepository(git, user);
  demand(problem === null, `the repository cannot be used: ${problem}`);
  await sandbox.mirrors.ensure({ repositoryId, repositoryPath: user, branch: "main" });
  await createCopiedFiles({ git, store: { readCopyPatterns: () => ["*.local"] } }).list(repository);

  const publisher = createPublisher({ git });
  const order = { repositoryPath: user, quarantinePath: quarantine.path(sessionId), branch };
  await sandbox.import(first.commit, first.bundle);
  afterFirst();
  const published = await publisher.publish({ ...order, commit: first.commit, previous: null });
  demand(published.outcome === "published", JSON.stringify(published));
  const placed = { session, commit: first.commit, ...running };
  const { path } = await checkOut(git, placed);

  await sandbox.import(second.commit, second.bundle, { previousCommit: first.commit });
  const range = { sessionId, from: base, to: second.commit };
  const diff = await quarantine.diff(range);
  const changes = await quarantine.changes(range);
  const { bytes } = await quarantine.content({ sessionId, commit: second.commit, path: MADE });
  demand(diff.includes(`+${LATEST}`) && bytes.toString() === LATEST, `it was read otherwise: ${diff}`);
  touchAll(path);
  const followed = await publisher.publish({
    ...{ ...order, commit: second.commit, previous: first.commit, ownWorktree: path },
  });
  demand(followed.outcome === "published" && followed.followed === path, JSON.stringify(followed));

  touchAll(user);
  await applyWork(git, {
    ...{ session: { ...session, lastCommit: second.commit }, how: "commits", ...running },
    ...{ quarantinePath: order.quarantinePath, scratchDir: join(sandbox.dataDir, "scratch") },
    ...{ identity: { name: "Grace", email: "grace@example.com" }, message: "All of it\n" },
  });
  for (const tree of [path, user]) {
    demand(readFileSync(join(tree, MADE), "utf8") === LATEST, `the work is not in ${tree} as it was committed`);
  }
  return diff + JSON.stringify(changes);
}

/** Has git look at the content of every file, not only at its time: that is where a filter is asked. */
function touchAll(worktree: string): void {
  const now = new Date();
  // Without a trap that would spring here.
  for (const name of plainGit(worktree, ["-c", "core.fsmonitor=false", "ls-files"]).split("\n"))
    utimesSync(join(worktree, name), now, now);
}

function demand(isSo: boolean, otherwise: string): void {
  if (!isSo) throw new Error(otherwise);
}
