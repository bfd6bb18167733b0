import { existsSync } from "node:fs";
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Fault } from "../fault.ts";
import type { FaultWorld } from "../fault-world.ts";
import { git } from "../workspace-git.ts";

interface Published {
  branch: string;
  commit: string;
}

/** The user does something to the published branch; the next turn's work is kept, and the branch is left to the user. */
function conflicting(
  name: string,
  act: (world: FaultWorld, published: Published) => Promise<string | undefined>,
): Fault {
  return {
    name,
    quick: name.includes("moves"),
    async run(world) {
      const sessionId = await world.createSession({ label: "first" });
      await world.settle();
      const { branch, publishedCommit } = world.clients[0]?.record.session ?? {};
      if (branch === undefined || !publishedCommit) throw new Error("nothing was published");
      const left = await act(world, { branch, commit: publishedCommit });
      await world.userDid();
      const second = await world.send(sessionId, "second");
      await world.settle();
      const conflict = world.clients[0]?.record.events.find((event) => event.type === "branch.conflicted");
      world.expect(conflict !== undefined, "no conflict is on the timeline");
      world.expect(world.statusOf(second) === "completed", `the second prompt is ${world.statusOf(second)}`);
      const found = await git(world.repository, "rev-parse", "--verify", "--quiet", branch).catch(() => undefined);
      world.expect(found === left, `the user left ${branch} at ${left}, it is at ${found}`);
    },
  };
}

export const USER_FAULTS: Fault[] = [
  conflicting("the user moves the published branch", async ({ repository }, { branch }) => {
    await git(repository, "branch", "-f", branch, "main");
    return git(repository, "rev-parse", "main");
  }),
  conflicting("the user deletes the published branch", async ({ repository }, { branch }) => {
    await git(repository, "branch", "-D", branch);
    return undefined;
  }),
  conflicting("the user checks the published branch out", async ({ repository }, { branch, commit }) => {
    await git(repository, "checkout", "--quiet", branch);
    return commit;
  }),
  conflicting("the user has the branch in another worktree", async ({ root, repository }, { branch, commit }) => {
    await git(repository, "worktree", "add", "--quiet", join(root, "elsewhere"), branch);
    return commit;
  }),
  conflicting("the user rebases the published branch", async ({ repository }, { branch }) => {
    await writeFile(join(repository, "mine.txt"), "mine\n");
    await git(repository, "add", "-A");
    await git(repository, "commit", "--quiet", "-m", "Mine");
    await git(repository, "rebase", "--quiet", "main", branch);
    const rebased = await git(repository, "rev-parse", branch);
    await git(repository, "checkout", "--quiet", "main");
    return rebased;
  }),
  {
    name: "the user commits, amends and gc's mid-turn",
    quick: true,
    async run(world) {
      const { repository } = world;
      const sessionId = await world.createSession({ label: "first", plan: { parts: 10, paceMs: 20 } });
      await world.until(() => world.ledger.runs.length > 0);
      await writeFile(join(repository, "README.md"), "# Another\n");
      await git(repository, "commit", "--quiet", "--amend", "-a", "-m", "Begin anew");
      await git(repository, "reflog", "expire", "--expire=now", "--all");
      await git(repository, "gc", "--quiet", "--prune=now");
      await world.userDid();
      await world.send(sessionId, "second");
      await world.settle();
      await git(repository, "gc", "--quiet", "--prune=now");
      await world.killAndRecover();
      await world.send(sessionId, "third");
    },
  },
  {
    name: "the user moves the repository away and back",
    quick: true,
    async run(world) {
      const away = `${world.repository}-away`;
      const sessionId = await world.createSession({ label: "first", plan: { parts: 6, paceMs: 20 } });
      await world.until(() => world.ledger.runs.length > 0);
      await rename(world.repository, away);
      await world.settle();
      world.expect(!existsSync(world.repository), "the repository was made anew");
      const conflict = world.clients[0]?.record.events.find((event) => event.type === "branch.conflicted");
      world.expect(conflict !== undefined, "no conflict is on the timeline");
      await rename(away, world.repository);
      await world.send(sessionId, "second");
    },
  },
];
