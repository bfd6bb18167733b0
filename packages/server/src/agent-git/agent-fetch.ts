import { createHash, randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import type { FetchRequest, RemoteRefs } from "@background-agents/shared/protocol/agent-git";
import { CommitId, type Session } from "@background-agents/shared/sessions/session";
import { AppError, messageOf } from "../lib/app-error.ts";
import type { Git } from "../lib/git-process.ts";
import { hideCredentials } from "../lib/hide-credentials.ts";
import { createKeyedMutex } from "../lib/keyed-mutex.ts";
import { REMOTE_NAME } from "../publishing/user-transport.ts";
import { isBranchName } from "../repositories/ref-name.ts";
import type { GitCredentials } from "./push-policy.ts";

export interface AgentFetchDeps {
  git: Git;
  dataDir: string;
  credentials: () => GitCredentials;
  /** The remote, and the variables with which git reaches it as the user; undefined where there is none. */
  openRemote(session: Session): Promise<{ name: string; variables: Record<string, string> } | undefined>;
  /** The path of the repository's mirror, with the session's base in it. */
  ensureMirror(session: Session): Promise<string>;
  /** Brings the base branch as it stands in the user's repository into the mirror; undefined where it is no branch. */
  refreshBase(session: Session): Promise<string | undefined>;
}

export type AgentFetch = ReturnType<typeof createAgentFetch>;

const HEADS = "refs/heads/";
const LISTED_REFS = 5_000;
const DEADLINE_MS = 600_000;

/**
 * `git fetch` in a container: the server asks the user's remote, with the user's credentials, and takes branches into
 * the mirror, which the container sees. Without a remote the user's own repository stands in for it, with the base.
 */
export function createAgentFetch(deps: AgentFetchDeps) {
  const { git } = deps;
  const oneAtATime = createKeyedMutex();

  async function readRemote(session: Session) {
    return deps.credentials() === "none" ? undefined : deps.openRemote(session);
  }

  async function listRefs(session: Session): Promise<RemoteRefs> {
    const remote = await readRemote(session);
    if (!remote) {
      const commit = await deps.refreshBase(session);
      return { remote: null, refs: commit === undefined ? [] : [{ name: `${HEADS}${session.baseBranch}`, commit }] };
    }
    const { stdout } = await asUser(remote, ["ls-remote", "--heads", "--end-of-options", REMOTE_NAME]);
    const refs = stdout.split("\n").flatMap((line) => {
      const [commit = "", name = ""] = line.split("\t");
      const isBranch = name.startsWith(HEADS) && isBranchName(name.slice(HEADS.length));
      return isBranch && CommitId.safeParse(commit).success ? [{ name, commit }] : [];
    });
    return { remote: remote.name, refs: refs.slice(0, LISTED_REFS) };
  }

  async function asUser(
    remote: { name: string; variables: Record<string, string> },
    args: string[],
    place: { gitDir?: string } = {},
  ) {
    try {
      return await git.run(args, { trust: "user", env: remote.variables, deadlineMs: DEADLINE_MS, ...place });
    } catch (error) {
      const why = hideCredentials(messageOf(error)).replaceAll(REMOTE_NAME, remote.name);
      throw new AppError("remote.unreachable", `The server could not fetch from the user's ${remote.name}: ${why}`, {
        cause: error,
      });
    }
  }

  /** Takes the branches into the mirror; answers the refs there that keep them. */
  async function bring(session: Session, names: string[]): Promise<{ mirrorPath: string; refs: string[] }> {
    const mirrorPath = await deps.ensureMirror(session);
    const remote = await readRemote(session);
    if (!remote) {
      const commit = await deps.refreshBase(session);
      return { mirrorPath, refs: commit === undefined ? [] : [`${HEADS}${session.baseBranch}`] };
    }
    const kept = names.map((name) => ({ name, ref: refOf(remote.name, name) }));
    await oneAtATime(session.repository.id, () =>
      asUser(
        remote,
        [
          ...["-c", "fetch.writeCommitGraph=false", "fetch", "--progress", "--no-tags", "--no-write-fetch-head"],
          ...["--no-auto-maintenance", "--no-recurse-submodules", "--no-prune", "--end-of-options", REMOTE_NAME],
          ...kept.map(({ name, ref }) => `+${name}:${ref}`),
        ],
        { gitDir: mirrorPath },
      ),
    );
    return { mirrorPath, refs: kept.map(({ ref }) => ref) };
  }

  async function listKnown(gitDir: string, commits: string[]): Promise<string[]> {
    if (commits.length === 0) return [];
    const input = commits.map((commit) => `${commit}\n`).join("");
    const { stdout } = await git.run(["cat-file", "--batch-check=%(objecttype)"], { gitDir, input });
    const types = stdout.split("\n");
    return commits.filter((_, at) => types[at] === "commit");
  }

  async function bundleMissing(session: Session, request: FetchRequest): Promise<Readable | undefined> {
    const wrong = request.refs.find((name) => !name.startsWith(HEADS) || !isBranchName(name.slice(HEADS.length)));
    if (wrong !== undefined) throw new AppError("request.invalid", `${wrong} is not a branch.`);
    const { mirrorPath: gitDir, refs } = await bring(session, request.refs);
    if (request.sharesMirror || refs.length === 0) return undefined;
    const range = [...refs, ...(await listKnown(gitDir, request.have)).map((commit) => `^${commit}`)];
    const missing = await git.run(["rev-list", "--count", "--max-count=1", "--end-of-options", ...range, "--"], {
      gitDir,
    });
    if (missing.stdout.trim() === "0") return undefined;
    const directory = join(deps.dataDir, "quarantine", session.id);
    await mkdir(directory, { recursive: true });
    const path = join(directory, `fetch.${randomUUID()}.bundle`);
    await git.run(["bundle", "create", "--quiet", path, ...range], { gitDir, deadlineMs: DEADLINE_MS });
    const content = createReadStream(path);
    content.once("close", () => void rm(path, { force: true }));
    return content;
  }

  return {
    /** The branches of the remote as they stand there now. Throws `remote.unreachable`. */
    listRefs: (session: Session) => oneAtATime(session.id, () => listRefs(session)),
    /** A bundle of what is missing; undefined where nothing is, or where the asker sees the mirror. */
    fetch: (session: Session, request: FetchRequest) => oneAtATime(session.id, () => bundleMissing(session, request)),
  };
}

/** Hashed, so that `a` and `a/b` can stand there together whatever the remote had first. */
function refOf(remote: string, name: string): string {
  const hash = createHash("sha256").update(`${remote}\n${name}`).digest("hex").slice(0, 32);
  return `refs/background-agents/remote/${hash}`;
}
