"use client";

import type { SessionId } from "@background-agents/shared/ids";
import type { ChangedFile } from "@background-agents/shared/sessions/session";
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useReducer, useRef } from "react";
import { diffKey, diffQuery } from "../../../api/review-queries.ts";
import type { DiffScope, Whitespace } from "../../../api/reviews-client.ts";
import { messageOf } from "../../../lib/app-error.ts";
import { type ParsedDiff, parseDiff } from "./parse-diff.ts";

export type DiffState =
  | { state: "missing" }
  | { state: "ready"; diff: ParsedDiff; key: string }
  | { state: "nothing" }
  | { state: "failed"; message: string };

/** Requests under way at once: enough to stay ahead of scrolling, few enough that the file in view comes soon. */
const AT_ONCE = 4;

export interface Diffs {
  /** What is known of the file's diff. Where it changed, the former is shown until the new one is there. */
  of(file: ChangedFile): DiffState;
  /** Asks for the diffs of these files, the first first; what else was asked for and not begun is forgotten. */
  want(files: readonly ChangedFile[]): void;
  retry(file: ChangedFile): void;
  /** Changes whenever a diff has come. */
  version: number;
}

/** The diffs of one scope, each read when it is first wanted. */
export function useDiffs(sessionId: SessionId, scope: DiffScope, whitespace: Whitespace): Diffs {
  const queries = useQueryClient();
  const known = useRef(new Map<string, DiffState>());
  /** The key last shown of a path. */
  const shown = useRef(new Map<string, string>());
  const waiting = useRef<ChangedFile[]>([]);
  const under = useRef(new Set<string>());
  const workers = useRef(0);
  const [version, tell] = useReducer((count: number) => count + 1, 0);
  const latest = useRef({ scope, whitespace });
  latest.current = { scope, whitespace };

  const keyOf = useCallback((file: ChangedFile) => {
    return diffKey(file, latest.current.scope, latest.current.whitespace).join("\n");
  }, []);

  /** Its own key; and, of a file that a running turn has left alone, that of the same two contents as they were saved. */
  function keysOf(file: ChangedFile): string[] {
    if (scope.to !== "live" || (file.oldBlob === null && file.newBlob === null)) return [keyOf(file)];
    return [diffKey(file, { ...scope, to: "head" }, whitespace).join("\n"), keyOf(file)];
  }

  const read = useCallback(
    async (file: ChangedFile, key: string): Promise<DiffState> => {
      try {
        const patch = await queries.fetchQuery(diffQuery(sessionId, { file, ...latest.current }));
        const diff = parseDiff(patch, key);
        return diff ? { state: "ready", diff, key } : { state: "nothing" };
      } catch (error) {
        return { state: "failed", message: messageOf(error) };
      }
    },
    [queries, sessionId],
  );

  /** One of several that work through what waits, until nothing does. */
  const work = useCallback(async () => {
    if (workers.current >= AT_ONCE) return;
    workers.current++;
    for (let file = waiting.current.shift(); file; file = waiting.current.shift()) {
      const key = keyOf(file);
      if (under.current.has(key) || known.current.has(key)) continue;
      under.current.add(key);
      // oxlint-disable-next-line no-await-in-loop -- one after the other is what a worker does
      known.current.set(key, await read(file, key));
      under.current.delete(key);
      tell();
    }
    workers.current--;
  }, [keyOf, read]);

  const next = useCallback(() => {
    for (let count = 0; count < AT_ONCE; count++) void work();
  }, [work]);

  // Another beginning is another comparison: what a path showed before says nothing about it.
  useEffect(() => {
    shown.current.clear();
  }, [scope.from, whitespace]);

  return {
    version,
    of(file) {
      const key = keysOf(file).find((one) => known.current.has(one));
      if (key !== undefined) shown.current.set(file.path, key);
      return known.current.get(shown.current.get(file.path) ?? "") ?? { state: "missing" };
    },
    want(files) {
      waiting.current = files.filter((file) => !keysOf(file).some((key) => known.current.has(key)));
      next();
    },
    retry(file) {
      known.current.delete(keyOf(file));
      waiting.current.unshift(file);
      next();
    },
  };
}
