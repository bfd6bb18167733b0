import type { SessionId } from "@background-agents/shared/ids";
import type { ChangedFile } from "@background-agents/shared/sessions/session";
import { queryOptions } from "@tanstack/react-query";
import { type DiffScope, listChanges, listComments, readContent, readDiff, type Whitespace } from "./reviews-client.ts";

/** `version` tells one state of a moment that moves (the running turn's tree) from the next. */
export const changesQuery = (id: SessionId, scope: DiffScope, version: string) =>
  queryOptions({ queryKey: ["session", id, "changes", scope, version], queryFn: () => listChanges(id, scope) });

export const commentsQuery = (id: SessionId) =>
  queryOptions({ queryKey: ["session", id, "comments"], queryFn: () => listComments(id) });

/** What tells the diff of a file from any other: the two contents, so that what did not change is not asked for again. */
export function diffKey(file: ChangedFile, scope: DiffScope, whitespace: Whitespace): readonly string[] {
  const { path, oldPath = "", oldBlob, newBlob, oldMode = "", newMode = "" } = file;
  // The tree of a running turn moves under its name: it never stands for what is saved later.
  const moment = scope.to === "live" ? "live" : "saved";
  const contents = oldBlob === null && newBlob === null ? [scope.from, scope.to] : [oldBlob ?? "", newBlob ?? ""];
  return [moment, whitespace, path, oldPath, oldMode, newMode, ...contents];
}

export const diffQuery = (
  id: SessionId,
  { file, scope, whitespace }: { file: ChangedFile; scope: DiffScope; whitespace: Whitespace },
) =>
  queryOptions({
    queryKey: ["diff", id, ...diffKey(file, scope, whitespace)],
    queryFn: () => readDiff(id, scope, { path: file.path, whitespace }),
    staleTime: Infinity,
    gcTime: 60_000,
  });

/** A file's content at one side of a scope; `blob` is git's id of it. */
export const contentQuery = (
  id: SessionId,
  { at, path, blob }: { at: DiffScope["from"]; path: string; blob: string | null },
) =>
  queryOptions({
    queryKey: ["content", id, path, blob ?? at],
    queryFn: async ({ client, queryKey }) => {
      const [known, read] = [client.getQueryData<Blob>(queryKey), await readContent(id, at, path)];
      // Read again (after the socket was away, say) the same bytes stay the same object: what shows them goes on.
      return known && (await hasSameBytes(known, read)) ? known : read;
    },
    staleTime: Infinity,
    gcTime: 60_000,
  });

async function hasSameBytes(a: Blob, b: Blob): Promise<boolean> {
  if (a.size !== b.size || a.type !== b.type) return false;
  const [left, right] = await Promise.all([a.arrayBuffer(), b.arrayBuffer()]);
  const bytes = new Uint8Array(right);
  return new Uint8Array(left).every((byte, at) => byte === bytes[at]);
}
