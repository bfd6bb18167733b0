import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { isAbsolute, join, relative } from "node:path";
import type { Git } from "./git-process.ts";

const LIMIT_BYTES = 1_048_576;
const REMEMBERED = 200;

function readIfSmall(path: string): string | undefined {
  try {
    const content = readFileSync(path);
    return content.length <= LIMIT_BYTES ? content.toString("utf8") : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Makes the patches of the `write` tool, which tells only the new content of a file. What was there before is read when
 * the call begins; where the write was faster than we, it is what the file held when the agent last read or changed
 * it, or the file in HEAD.
 */
export function createWrittenFiles({ tree, git }: { tree: string; git: Git }) {
  const before = new Map<string, Promise<string | undefined>>();
  const known = new Map<string, string>();

  function remember(path: string, content: string | undefined): void {
    known.delete(path);
    if (content !== undefined) known.set(path, content);
    for (const oldest of known.keys()) if (known.size > REMEMBERED) known.delete(oldest);
  }

  const inHead = async (path: string): Promise<string | undefined> => {
    const name = relative(tree, path);
    if (name.startsWith("..") || isAbsolute(name)) return undefined;
    const shown = await git(["show", `HEAD:${name}`], { allowExit: [128] });
    return shown.exitCode === 0 && shown.stdout.length <= LIMIT_BYTES ? shown.stdout : undefined;
  };

  async function patch(path: string, old: string | undefined, content: string): Promise<string | undefined> {
    const directory = await mkdtemp(join(tmpdir(), "patch-"));
    try {
      const name = relative(tree, path).startsWith("..") ? path : relative(tree, path);
      await writeFile(join(directory, "old"), old ?? "");
      await writeFile(join(directory, "new"), content);
      const files = [join(directory, "old"), join(directory, "new")];
      const { stdout } = await git(["diff", "--no-index", "--no-color", "--no-ext-diff", "--", ...files], {
        allowExit: [1],
      });
      const hunks = stdout.indexOf("\n@@ ");
      if (hunks < 0) return undefined;
      return `--- ${old === undefined ? "/dev/null" : `a/${name}`}\n+++ b/${name}${stdout.slice(hunks)}`;
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }

  return {
    /** The agent read or changed a file: keeps what it holds now. */
    onSeen(name: string): void {
      const path = isAbsolute(name) ? name : join(tree, name);
      remember(path, readIfSmall(path));
    },
    /** A write began: keeps what the file holds now. Call it as early as the call's input is known. */
    onBegin(callId: string, path: string, content: string): void {
      if (before.has(callId)) return;
      const now = readIfSmall(path);
      const tooLate = now === content;
      const last = known.get(path);
      before.set(callId, tooLate && last === undefined ? inHead(path) : Promise.resolve(tooLate ? last : now));
    },
    /** A write is done: its patch; undefined where nothing changed or the file is too large. */
    async onDone(callId: string, path: string, content: string): Promise<string | undefined> {
      const old = await (before.get(callId) ?? inHead(path));
      before.delete(callId);
      if (content.length > LIMIT_BYTES) return undefined;
      remember(path, content);
      return patch(path, old, content);
    },
  };
}

export type WrittenFiles = ReturnType<typeof createWrittenFiles>;
