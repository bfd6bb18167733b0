import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { newId, type CheckpointId, type RepositoryId, type SessionId } from "@background-agents/shared/ids";
import { BUNDLE_REF } from "@background-agents/shared/protocol/supervisor-frames";
import { createGit } from "../../lib/git-process.ts";
import { createMirrors } from "../mirror.ts";
import { createQuarantine, type QuarantineLimits } from "../quarantine.ts";
import { makeRepository, makeTempDir, plainGit } from "./git-fixture.ts";

/** A user's repository, its mirror, a session's working tree as a sandbox has it, and the session's quarantine. */
export async function makeSandbox(
  options: { files?: Record<string, string | Buffer>; limits?: Partial<QuarantineLimits> } = {},
) {
  const temp = makeTempDir();
  const git = createGit();
  const dataDir = join(temp.dir, "data");
  const user = makeRepository(join(temp.dir, "user"), options.files);
  const repositoryId: RepositoryId = newId("repository");
  const sessionId: SessionId = newId("session");
  const mirrors = createMirrors({ git, dataDir });
  const quarantine = createQuarantine({ git, dataDir, mirrors, limits: options.limits ?? {} });
  const { mirrorPath, commit: base } = await mirrors.ensure({ repositoryId, repositoryPath: user, branch: "main" });
  const workspace = join(temp.dir, "workspace");
  plainGit(temp.dir, ["clone", "--quiet", "--shared", "--single-branch", "-b", "main", mirrorPath, workspace]);

  return {
    temp: temp.dir,
    remove: temp.remove,
    git,
    dataDir,
    user,
    repositoryId,
    sessionId,
    mirrors,
    mirrorPath,
    quarantine,
    workspace,
    base,

    /** The bundle that brings `commit` to someone who has `known`. */
    bundle(commit: string, known: string[] = [base]): Buffer {
      const file = join(temp.dir, `${commit.slice(0, 12)}.bundle`);
      plainGit(workspace, ["update-ref", BUNDLE_REF, commit]);
      plainGit(workspace, ["bundle", "create", "--quiet", file, BUNDLE_REF, ...known.map((id) => `^${id}`)]);
      return readFileSync(file);
    },

    import(commit: string, bundle: Buffer | null, more: { checkpointId?: CheckpointId; previousCommit?: string } = {}) {
      return quarantine.importBundle({
        sessionId,
        repositoryId,
        checkpointId: more.checkpointId ?? newId("checkpoint"),
        commit,
        baseCommit: base,
        previousCommit: more.previousCommit ?? base,
        bundle: bundle === null ? null : Readable.from([bundle]),
      });
    },

    /** Whether the quarantine has the object. */
    holds(object: string): boolean {
      if (!existsSync(quarantine.path(sessionId))) return false;
      try {
        plainGit(quarantine.path(sessionId), ["cat-file", "-e", object]);
        return true;
      } catch {
        return false;
      }
    },
  };
}
