import { existsSync } from "node:fs";
import { appendFile, mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { RepositoryId, SessionId } from "@background-agents/shared/ids";
import { AppError, messageOf } from "../lib/app-error.ts";
import type { Git } from "../lib/git-process.ts";
import { createKeyedMutex } from "../lib/keyed-mutex.ts";
import { findRef, listRefs } from "./git-refs.ts";
import { isBranchName } from "./ref-name.ts";
import { findKind, resolveBase } from "./resolve-base.ts";

export type Mirrors = ReturnType<typeof createMirrors>;

/** What a mirror must hold for a session. */
export interface SessionBase {
  id: SessionId;
  repository: { id: RepositoryId; path: string };
  baseBranch: string;
  baseCommit: string;
}

const HEADS = "refs/heads/";
const PINS = "refs/background-agents/base/";
/** A commit that is no branch's tip may be asked for, whatever protocol git speaks to itself. */
const ANY_COMMIT = "--upload-pack=git -c uploadpack.allowAnySHA1InWant=true upload-pack";
const MIRROR_CONFIG = `[gc]
	auto = 0
[maintenance]
	auto = false
[core]
	logAllRefUpdates = false
[background-agents]
	complete = true
`;

/**
 * One bare copy of each repository, with only the branches that sessions started from: containers mount it read-only
 * and borrow its objects, so nothing in it is ever pruned or repacked while it stands.
 */
export function createMirrors(deps: { git: Git; dataDir: string }) {
  const { git } = deps;
  const exclusively = createKeyedMutex();
  const pathOf = (repositoryId: RepositoryId) => join(deps.dataDir, "mirrors", `${repositoryId}.git`);

  async function make(mirrorPath: string): Promise<void> {
    // The last line written when a mirror was made whole; a crash before it makes it again.
    const config = await readFile(join(mirrorPath, "config"), "utf8").catch(() => "");
    if (config.includes("complete = true")) return;
    await mkdir(mirrorPath, { recursive: true });
    // The container reads it as another user: readable for all, whatever the umask of the server is.
    await git.run(["init", "--quiet", "--bare", "--template=", "--shared=0644", "-b", "main", mirrorPath]);
    await appendFile(join(mirrorPath, "config"), MIRROR_CONFIG);
  }

  /** `refs/heads/a` and `refs/heads/a/b` cannot stand together; what the user no longer has gives way. */
  async function clearTheWay(mirrorPath: string, branch: string): Promise<void> {
    const heads = await listRefs(git, { gitDir: mirrorPath }, HEADS);
    for (const ref of heads.keys()) {
      const name = ref.slice(HEADS.length);
      if (!name.startsWith(`${branch}/`) && !branch.startsWith(`${name}/`)) continue;
      await git.run(["update-ref", "--no-deref", "-d", ref], { gitDir: mirrorPath });
    }
  }

  function ensure(source: { repositoryId: RepositoryId; repositoryPath: string; branch: string }) {
    const { repositoryId, repositoryPath, branch } = source;
    const mirrorPath = pathOf(repositoryId);
    const ref = `${HEADS}${branch}`;
    return exclusively(repositoryId, async (): Promise<{ mirrorPath: string; commit: string }> => {
      const wanted = isBranchName(branch) ? await findRef(git, { cwd: repositoryPath }, ref) : undefined;
      if (wanted === undefined) throw await branchNotFound(git, repositoryPath, branch);
      await make(mirrorPath);
      const known = await findRef(git, { gitDir: mirrorPath }, ref);
      if (known === wanted) return { mirrorPath, commit: known };

      await clearTheWay(mirrorPath, branch);
      try {
        await git.run(
          [
            ...["fetch", "--progress", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance"],
            ...["--no-recurse-submodules", "--no-prune", "--end-of-options", repositoryPath, `+${ref}:${ref}`],
          ],
          { gitDir: mirrorPath },
        );
      } catch (error) {
        throw new AppError("git.failed", `${repositoryPath} could not be copied: ${messageOf(error)}`, {
          cause: error,
        });
      }
      const commit = await findRef(git, { gitDir: mirrorPath }, ref);
      // A shallow source ends with 0 and leaves no ref.
      if (commit === undefined || commit === known) {
        throw new AppError("git.failed", `git copied nothing of the branch ${branch} from ${repositoryPath}.`);
      }
      return { mirrorPath, commit };
    });
  }

  /** Brings a commit that no branch names any more, or never did, under the name `base-<short id>`. */
  async function ensureCommit(source: { repositoryId: RepositoryId; repositoryPath: string; commit: string }) {
    const { repositoryId, repositoryPath, commit } = source;
    const gitDir = pathOf(repositoryId);
    await exclusively(repositoryId, async () => {
      await make(gitDir);
      const ref = `${HEADS}${baseRefName(commit)}`;
      if ((await findRef(git, { gitDir }, ref)) === commit) return;
      await git.run(
        [
          ...["fetch", "--progress", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance"],
          ...["--no-recurse-submodules", "--no-prune", ANY_COMMIT, "--end-of-options"],
          ...[repositoryPath, `+${commit}:${ref}`],
        ],
        { gitDir },
      );
    });
  }

  async function pin(repositoryId: RepositoryId, sessionId: SessionId, commit: string): Promise<void> {
    await git.run(["update-ref", "--no-deref", `${PINS}${sessionId}`, commit], { gitDir: pathOf(repositoryId) });
  }

  return {
    path: pathOf,

    /**
     * The mirror as a session needs it to start: with its base commit and base branch, brought from the user's repository
     * again where they are gone. Throws `branch.not-found` or `git.failed` where they cannot be had any more.
     */
    async ensurePath(session: SessionBase): Promise<string> {
      const { id, repository, baseBranch, baseCommit } = session;
      const gitDir = pathOf(repository.id);
      const source = { repositoryId: repository.id, repositoryPath: repository.path };
      const isThere = await hasCommit(git, gitDir, baseCommit);
      if (isThere && (await findRef(git, { gitDir }, `${HEADS}${baseBranch}`)) !== undefined) {
        await pin(repository.id, id, baseCommit);
        return gitDir;
      }
      const { kind } = await findKind(git, repository.path, baseBranch);
      if (!isThere) {
        if (kind === "branch") await ensure({ ...source, branch: baseBranch });
        if (!(await hasCommit(git, gitDir, baseCommit))) {
          await ensureCommit({ ...source, commit: baseCommit }).catch((error: unknown) => {
            const where = `${baseBranch} of ${repository.path}`;
            const message = `The commit ${baseCommit}, where the session began, is gone from ${where}.`;
            throw new AppError("git.failed", message, { cause: error });
          });
        }
      }
      // What a clone of the mirror names the base by.
      const ref = `${HEADS}${kind === "branch" ? baseBranch : baseRefName(baseCommit)}`;
      if ((await findRef(git, { gitDir }, ref)) === undefined) {
        await git.run(["update-ref", "--no-deref", ref, baseCommit], { gitDir });
      }
      await pin(repository.id, id, baseCommit);
      return gitDir;
    },

    /**
     * Brings `branch` of the user's repository into its mirror, as it stands there now.
     * Throws `branch.not-found`, or `git.failed` where the repository cannot be read.
     */
    ensure,

    /**
     * Brings what a session is to begin on: a branch, a tag, or a commit by its id, in this order. Answers the name the
     * base goes by from now on. Throws `branch.not-found`.
     */
    async ensureBase(source: { repositoryId: RepositoryId; repositoryPath: string; base: string }) {
      const { base, ...from } = source;
      const found = await resolveBase(git, source.repositoryPath, base);
      if (found === undefined || found.kind === "branch") {
        const { commit } = await ensure({ ...from, branch: base });
        return { commit, name: base };
      }
      await ensureCommit({ ...from, commit: found.commit });
      return { commit: found.commit, name: found.name };
    },

    /** The tip of a base branch as it is in the user's repository now, brought here; undefined where it is no branch there. */
    async findTip(source: { repositoryId: RepositoryId; repositoryPath: string; base: string }) {
      const { base: branch, ...from } = source;
      const found = await resolveBase(git, source.repositoryPath, branch);
      return found?.kind === "branch" ? (await ensure({ ...from, branch })).commit : undefined;
    },

    /** Keeps `commit` reachable for a session, whatever becomes of its branch. */
    pin,

    /** Lets a session's commit go; nothing happens where it was not pinned or the mirror is gone. */
    async unpin(repositoryId: RepositoryId, sessionId: SessionId): Promise<void> {
      if (!existsSync(pathOf(repositoryId))) return;
      await git.run(["update-ref", "--no-deref", "-d", `${PINS}${sessionId}`], { gitDir: pathOf(repositoryId) });
    },

    /** Deletes the mirror; no session may need it any more. */
    remove(repositoryId: RepositoryId): Promise<void> {
      return exclusively(repositoryId, () => rm(pathOf(repositoryId), { recursive: true, force: true }));
    },
  };
}

function baseRefName(commit: string): string {
  return `base-${commit.slice(0, 12)}`;
}

async function hasCommit(git: Git, gitDir: string, commit: string): Promise<boolean> {
  if (!existsSync(gitDir)) return false;
  const { stdout } = await git.run(["cat-file", "-t", commit], { gitDir, allowExit: [128] });
  return stdout.trim() === "commit";
}

async function branchNotFound(git: Git, repositoryPath: string, branch: string): Promise<AppError> {
  const { stdout } = await git.run(
    ["for-each-ref", "--count=6", "--sort=-committerdate", "--format=%(refname:strip=2)", HEADS],
    { cwd: repositoryPath },
  );
  const names = stdout.split("\n").filter(Boolean);
  const there =
    names.length === 0
      ? "it has no branch yet: make a first commit"
      : `its branches are ${names.slice(0, 5).join(", ")}${names.length > 5 ? ", …" : ""}`;
  return new AppError(
    "branch.not-found",
    `There is no branch, tag or commit ${JSON.stringify(branch)} in ${repositoryPath}; ${there}.`,
    {
      details: { branches: names.slice(0, 5) },
    },
  );
}
