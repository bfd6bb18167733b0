import { z } from "zod";
import { RepositoryId } from "../ids.ts";
import { CommitId } from "../sessions/session.ts";

export const Repository = z.object({
  id: RepositoryId,
  name: z.string(),
  /** Absolute path of the git top level on the host. */
  path: z.string(),
  /** Found under REPOS_DIR, or registered by path or URL. */
  source: z.enum(["found", "registered", "cloned", "sample"]),
  /** Branch that is checked out, or the default one; null in an empty repository. */
  defaultBranch: z.string().nullable(),
  /** Why no session can be made on it, where that is so (no commit yet, unsupported format). */
  problem: z.string().nullable(),
  /** Things worth knowing that do not stand in the way (submodules, LFS, shallow). */
  notices: z.array(z.string()),
});
export type Repository = z.infer<typeof Repository>;

export const Branch = z.object({
  name: z.string(),
  commit: CommitId,
  committedAt: z.iso.datetime(),
  subject: z.string(),
});
export type Branch = z.infer<typeof Branch>;
