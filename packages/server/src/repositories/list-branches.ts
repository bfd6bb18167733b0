import type { Branch } from "@background-agents/shared/repositories/repository";
import type { Git } from "../lib/git-process.ts";

const FIELDS = ["%(refname:strip=2)", "%(objectname)", "%(committerdate:unix)", "%(contents:subject)"];
const SUBJECT_LENGTH = 200;

/** The local branches of the repository at `path`, latest commit first. */
export async function listBranches(git: Git, path: string): Promise<Branch[]> {
  const { stdout } = await git.run(
    ["for-each-ref", "--sort=-committerdate", `--format=${FIELDS.join("%00")}`, "refs/heads/"],
    { cwd: path },
  );
  return stdout.split("\n").filter(Boolean).map(parseBranch);
}

function parseBranch(line: string): Branch {
  const [name = "", commit = "", seconds = "", subject = ""] = line.split("\0");
  const at = new Date(Number(seconds) * 1000);
  const committedAt = Number.isNaN(at.getTime()) ? new Date(0) : at;
  return { name, commit, committedAt: committedAt.toISOString(), subject: subject.slice(0, SUBJECT_LENGTH) };
}
