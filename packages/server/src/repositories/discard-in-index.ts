import type { ChangedFile } from "@background-agents/shared/sessions/session";
import { AppError } from "../lib/app-error.ts";
import type { Git } from "../lib/git-process.ts";
import { listChanges } from "./object-diff.ts";
import { pickHunks } from "./pick-hunks.ts";

/** A file whose changes go, or the hunks of them that do. */
export interface DiscardedFile {
  path: string;
  /** `@@ … @@` headers. */
  hunks?: string[] | undefined;
}

interface DiscardOrder {
  gitDir: string;
  /** Names the index to change, which holds the tree of `head`. */
  env: Record<string, string>;
  from: string;
  head: string;
  files: DiscardedFile[];
}

const PATCH_BYTES = 64 * 1024 ** 2;
const NOTHING = "0".repeat(40);

/**
 * Puts files of an index back to what they are in `from`, whole or hunk by hunk. A renamed file, by either name, goes
 * back to its former one. Throws `file.not-found` and `work.conflicts` with what to do.
 */
export async function discardInIndex(git: Git, order: DiscardOrder): Promise<void> {
  const { gitDir, from, head, files } = order;
  const listed = await listChanges(git, { gitDir, from, to: head });
  const changes = new Map(listed.map((file) => [file.path, file]));
  const renamed = new Map(listed.filter(({ status }) => status === "renamed").map((file) => [file.oldPath, file]));
  const whole: ChangedFile[] = [];
  for (const file of files) {
    // Named as it was in `from`, where somebody looks at that moment.
    const changed = changes.get(file.path) ?? (file.hunks ? undefined : renamed.get(file.path));
    if (!changed)
      throw new AppError("file.not-found", `${file.path} is not changed (any more): load the changes again.`);
    if (file.hunks && hasHunks(changed)) await discardHunks(git, order, { changed, hunks: file.hunks });
    else whole.push(changed);
  }
  if (whole.length > 0) await restoreWhole(git, order, whole);
}

/** A file that was added or deleted is one hunk. */
function hasHunks({ path, status, binary, kind }: ChangedFile): boolean {
  if (status === "added" || status === "deleted") return false;
  if (binary || kind !== "file" || status === "type-changed") {
    throw new AppError("request.invalid", `${path} has no lines to discard one by one: discard the whole file.`);
  }
  return true;
}

async function restoreWhole(git: Git, order: DiscardOrder, files: ChangedFile[]): Promise<void> {
  const { gitDir, env, from } = order;
  const formers = files.map((file) => (file.status === "copied" ? file.path : (file.oldPath ?? file.path)));
  const wanted = new Set(formers);
  const { stdout } = await git.run(["ls-tree", "-r", "-z", "--full-tree", "--end-of-options", from], {
    gitDir,
    maxOutputBytes: 512 * 1024 ** 2,
  });
  const kept = stdout.split("\0").filter((line) => wanted.has(line.slice(line.indexOf("\t") + 1)));
  const gone = new Set([...files.map(({ path }) => path), ...wanted]);
  const entries = [
    ...[...gone].map((path) => `0 ${NOTHING}\t${path}`),
    ...kept.map((line) => line.replace(/^(\d+) \w+ ([0-9a-f]+)\t/, "$1 $2\t")),
  ];
  await git.run(["update-index", "-z", "--add", "--replace", "--index-info"], {
    gitDir,
    env,
    input: entries.map((entry) => `${entry}\0`).join(""),
  });
}

async function discardHunks(
  git: Git,
  { gitDir, env, from, head }: DiscardOrder,
  { changed, hunks }: { changed: ChangedFile; hunks: string[] },
): Promise<void> {
  const { path, oldPath } = changed;
  const chunks: Buffer[] = [];
  const paths = oldPath === undefined ? [path] : [path, oldPath];
  const options = ["-r", "--find-renames", "--no-ext-diff", "--no-textconv", "--no-color", "--unified=3", "--patch"];
  await git.stream(
    ["-c", "core.bigFileThreshold=32m", "diff-tree", ...options, "--end-of-options", from, head, "--", ...paths],
    {
      gitDir,
      onOutput: (chunk) => {
        chunks.push(chunk);
        return chunks.reduce((sum, one) => sum + one.length, 0) > PATCH_BYTES ? "stop" : undefined;
      },
    },
  );
  // Byte for character: the lines of a file may be of any encoding.
  const picked = pickHunks(Buffer.concat(chunks).toString("latin1"), hunks);
  if ("missing" in picked) {
    throw new AppError(
      "work.conflicts",
      `The change ${picked.missing} of ${path} is not there any more: load the changes again and choose anew.`,
    );
  }
  try {
    await git.run(["apply", "--cached", "--reverse", "--whitespace=nowarn", "-"], {
      gitDir,
      env,
      input: Buffer.from(picked.patch, "latin1"),
    });
  } catch (error) {
    const message = `These lines of ${path} cannot be taken back by themselves: discard the whole file.`;
    throw new AppError("work.conflicts", message, { cause: error });
  }
}
