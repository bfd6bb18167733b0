import type { Git } from "../lib/git-process.ts";

/** A part of a commit or of a file's content, at most a few MiB of it; the parts of one come in order. */
export interface ObjectPiece {
  id: string;
  type: "blob" | "commit";
  /** Where a content stands, in one of the commits that have it; empty of a commit. */
  path: string;
  bytes: Buffer;
  isLast: boolean;
}

const PIECE_BYTES = 1_048_576;

/** Of a commit, tree or content; `path`: where it stands, in one of the commits that have it. */
export interface ListedObject {
  id: string;
  path: string;
}

/** How long git may be silent, and what ends it. */
export interface ReadLimits {
  timeoutMs: number;
  signal: AbortSignal;
}

/** What a range of commits (or a tree) has and what it excludes has not: commits first, newer ones before older ones. */
export async function listObjects(
  git: Git,
  { gitDir, range }: { gitDir: string; range: readonly string[] },
  limits: ReadLimits,
): Promise<ListedObject[]> {
  const listed = await git.run(["rev-list", "--objects", "--end-of-options", ...range], {
    ...{ gitDir, ...limits },
    maxOutputBytes: 256 * 1024 ** 2,
  });
  const paths = new Map(
    listed.stdout.split("\n").flatMap((line): [string, string][] => {
      const [, id, path = ""] = /^([0-9a-f]{40,64})(?: (.*))?$/.exec(line) ?? [];
      return id ? [[id, path]] : [];
    }),
  );
  return [...paths].map(([id, path]) => ({ id, path }));
}

/**
 * Reads the commits and contents among the objects, however large, in bounded memory: git is read on only when `onPiece`
 * is done. "stop" ends it. Answers how many were read to their ends.
 */
export async function readObjects(
  git: Git,
  { gitDir, objects }: { gitDir: string; objects: readonly ListedObject[] },
  { onPiece, ...limits }: ReadLimits & { onPiece: (piece: ObjectPiece) => "stop" | undefined },
): Promise<number> {
  if (objects.length === 0) return 0;
  const places = new Map(objects.map(({ id, path }, index) => [id, { path, index }]));
  let read = objects.length;
  const split = createBatchSplitter(({ id, type, ...piece }) => {
    if (type !== "blob" && type !== "commit") return undefined;
    const { path = id, index = 0 } = places.get(id) ?? {};
    if (onPiece({ id, type, path, ...piece }) !== "stop") return undefined;
    read = piece.isLast ? index + 1 : index;
    return "stop";
  });
  const input = objects.map(({ id }) => `${id}\n`).join("");
  await git.stream(["cat-file", "--batch"], { gitDir, input, onOutput: split, ...limits });
  return read;
}

interface BatchPiece {
  id: string;
  type: string;
  bytes: Buffer;
  isLast: boolean;
}

/** What `git cat-file --batch` writes: `<id> <type> <size>`, a line break, the content, a line break. */
function createBatchSplitter(onPiece: (piece: BatchPiece) => "stop" | undefined) {
  let header = "";
  let object: { id: string; type: string; left: number } | undefined;
  let held: Buffer[] = [];
  let heldBytes = 0;

  function take(chunk: Buffer, current: { id: string; type: string; left: number }): "stop" | undefined {
    held.push(chunk);
    heldBytes += chunk.length;
    current.left -= chunk.length;
    if (current.left > 0 && heldBytes < PIECE_BYTES) return undefined;
    const bytes = Buffer.concat(held);
    held = [];
    heldBytes = 0;
    return onPiece({ id: current.id, type: current.type, bytes, isLast: current.left === 0 });
  }

  return function split(chunk: Buffer): "stop" | undefined {
    let rest = chunk;
    while (rest.length > 0) {
      if (object) {
        const part = rest.subarray(0, object.left);
        rest = rest.subarray(part.length);
        if (take(part, object) === "stop") return "stop";
        if (object.left === 0) object = undefined;
        continue;
      }
      const end = rest.indexOf(10);
      header += rest.toString("latin1", 0, end < 0 ? rest.length : end);
      if (end < 0) return undefined;
      rest = rest.subarray(end + 1);
      const [id = "", type = "", size = ""] = header.split(" ");
      header = "";
      // The line break after a content makes an empty line here.
      if (id === "" || size === "") continue;
      object = { id, type, left: Number(size) };
      if (object.left === 0) object = undefined;
    }
    return undefined;
  };
}
