import { AppError } from "../lib/app-error.ts";
import type { Git } from "../lib/git-process.ts";
import { isTreePath } from "./tree-path.ts";

/** A file as it is in a commit. */
export interface FileContent {
  kind: "file" | "link" | "submodule";
  /** git's id of the content. */
  blob: string;
  /** The content; of a link where it points to, of a submodule its commit. */
  bytes: Buffer;
}

const READ_DEADLINE_MS = 60_000;

/** Reads a file from a commit's tree. Throws `file.not-found`, or `request.too-large` where it is over `maxBytes`. */
export async function readContent(
  git: Git,
  place: { gitDir: string; commit: string },
  file: { path: string; maxBytes: number },
): Promise<FileContent> {
  const { gitDir, commit } = place;
  const { path, maxBytes } = file;
  const missing = new AppError("file.not-found", `There is no file ${JSON.stringify(path)} at this moment.`);
  if (!isTreePath(path)) throw missing;
  const args = ["ls-tree", "-z", "-l", "--full-tree", "--end-of-options", commit, "--", path];
  const { stdout } = await git.run(args, { gitDir, deadlineMs: READ_DEADLINE_MS });
  const [entry = "", name] = (stdout.split("\0")[0] ?? "").split("\t");
  const [mode, type, blob, size] = entry.split(/ +/);
  if (name !== path || blob === undefined || type === "tree") throw missing;
  if (type === "commit") return { kind: "submodule", blob, bytes: Buffer.from(`Subproject commit ${blob}\n`) };
  if (Number(size) > maxBytes) {
    const limit = `${Math.round(maxBytes / 1024 ** 2)} MiB`;
    throw new AppError(
      "request.too-large",
      `${path} is over ${limit}: it is not shown here. Check the work out to open it.`,
    );
  }
  const chunks: Buffer[] = [];
  await git.stream(["cat-file", "blob", blob], {
    gitDir,
    deadlineMs: READ_DEADLINE_MS,
    onOutput: (chunk) => void chunks.push(chunk),
  });
  return { kind: mode === "120000" ? "link" : "file", blob, bytes: Buffer.concat(chunks) };
}
