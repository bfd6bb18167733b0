import { PassThrough } from "node:stream";
import type { Git } from "../lib/git-process.ts";

export interface ReadObject {
  /** Where the content stands, in one of the commits that have it. */
  path: string;
  bytes: Buffer;
}

/** The contents of files that a range of commits (or a tree) has and what it excludes has not, one at a time. */
export async function* readObjects(
  git: Git,
  { gitDir, range }: { gitDir: string; range: readonly string[] },
  limits: { maxBytes: number; timeoutMs: number },
): AsyncGenerator<ReadObject> {
  const { timeoutMs } = limits;
  const filter = `--filter=blob:limit=${limits.maxBytes + 1}`;
  const listed = await git.run(["rev-list", "--objects", filter, "--end-of-options", ...range], {
    ...{ gitDir, timeoutMs },
    maxOutputBytes: 256 * 1024 ** 2,
  });
  const paths = new Map(
    listed.stdout.split("\n").flatMap((line): [string, string][] => {
      const [, id, path] = /^([0-9a-f]{40,64}) (.+)$/.exec(line) ?? [];
      return id && path ? [[id, path]] : [];
    }),
  );
  if (paths.size === 0) return;
  const input = [...paths.keys()].map((id) => `${id}\n`).join("");
  const output = new PassThrough();
  const run = git
    .stream(["cat-file", "--batch"], { gitDir, input, timeoutMs, onOutput: (chunk) => void output.write(chunk) })
    .then(() => output.end())
    .catch((error: unknown) => output.destroy(error instanceof Error ? error : new Error(String(error))));
  try {
    for await (const { id, type, bytes } of splitBatch(output)) {
      if (type === "blob") yield { path: paths.get(id) ?? id, bytes };
    }
  } finally {
    output.destroy();
    await run;
  }
}

/** What `git cat-file --batch` writes: `<id> <type> <size>`, a line break, the content, a line break. */
async function* splitBatch(source: AsyncIterable<Buffer>): AsyncGenerator<{ id: string; type: string; bytes: Buffer }> {
  let held: Buffer[] = [];
  let size = 0;
  let wanted = 0;
  for await (const chunk of source) {
    held.push(chunk);
    size += chunk.length;
    if (size < wanted) continue;
    let rest = Buffer.concat(held);
    for (;;) {
      const end = rest.indexOf(10);
      const [id = "", type = "", length = "0"] = end < 0 ? [] : rest.toString("latin1", 0, end).split(" ");
      wanted = end < 0 ? 0 : end + 1 + Number(length) + 1;
      if (end < 0 || rest.length < wanted) break;
      yield { id, type, bytes: rest.subarray(end + 1, wanted - 1) };
      rest = rest.subarray(wanted);
    }
    held = [rest];
    size = rest.length;
  }
}
