import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { newId } from "@background-agents/shared/ids";
import { createGit } from "../../packages/server/src/lib/git-process.ts";
import { createMirrors } from "../../packages/server/src/repositories/mirror.ts";
import { createQuarantine } from "../../packages/server/src/repositories/quarantine.ts";
import { cloneWorkspace, type ClonedTree } from "../../packages/sandbox/src/workspace/clone-workspace.ts";
import { git } from "./git-command-process.ts";

export type GitWorld = Awaited<ReturnType<typeof createGitWorld>>;

/**
 * The server's rooms for git and the sandbox's way to a working tree, on one large repository of the user's, with a data
 * directory of their own on the same disk.
 */
export async function createGitWorld(repositoryPath: string) {
  const root = await mkdtemp(join(dirname(repositoryPath), "run-"));
  const dataDir = join(root, "data");
  const workspace = join(root, "workspaces");
  await mkdir(dataDir);
  await mkdir(workspace);
  const hostGit = createGit();
  const mirrors = createMirrors({ git: hostGit, dataDir });
  const repositoryId = newId("repository");
  const branch = "main";
  let trees = 0;

  return {
    root,
    repositoryPath,
    repositoryId,
    dataDir,
    mirrors,
    /** A new one knows of nothing that was read before. */
    openQuarantine: () => createQuarantine({ git: hostGit, dataDir, mirrors }),
    /** A path for the next working tree. */
    nextTree: () => join(workspace, `tree${++trees}`),

    /** What the server and the supervisor do for a new session's tree, with a mirror that is there. */
    async createSessionTree(tree: string): Promise<ClonedTree & { sessionId: ReturnType<typeof newId<"session">> }> {
      const sessionId = newId("session");
      const { commit } = await mirrors.ensure({ repositoryId, repositoryPath, branch });
      const repository = { id: repositoryId, path: repositoryPath };
      const session = { id: sessionId, repository, baseBranch: branch, baseCommit: commit };
      const mirror = await mirrors.ensurePath(session);
      const cloned = await cloneWorkspace({
        mirror,
        workspace: dirname(tree),
        directory: tree.slice(dirname(tree).length + 1),
        baseCommit: commit,
        branch: `agents/${tree.slice(dirname(tree).length + 1)}`,
        identity: { name: "Ada Example", email: "ada@example.org" },
        generation: 0,
        onCheckedOut: () => Promise.resolve(),
        onLog: () => undefined,
      });
      return { ...cloned, sessionId };
    },

    async close(): Promise<void> {
      await rm(root, { recursive: true, force: true, maxRetries: 5 });
      await git(repositoryPath, "worktree", "prune");
    },
  };
}
