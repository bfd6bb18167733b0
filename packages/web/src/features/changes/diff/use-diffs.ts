"use client";

import type { SessionId } from "@background-agents/shared/ids";
import type { ChangedFile } from "@background-agents/shared/sessions/session";
import { useQueryClient } from "@tanstack/react-query";
import { useMemo, useReducer, useRef } from "react";
import { diffKey, diffQuery } from "../../../api/review-queries.ts";
import type { DiffScope, Whitespace } from "../../../api/reviews-client.ts";
import { messageOf } from "../../../lib/app-error.ts";
import { type ParsedDiff, parseDiff } from "./parse-diff.ts";

export type DiffState =
  | { state: "missing" }
  | { state: "ready"; diff: ParsedDiff }
  | { state: "nothing" }
  | { state: "failed"; message: string };

/** Requests under way at once: enough to stay ahead of scrolling, few enough that the file in view comes soon. */
const AT_ONCE = 4;

const MISSING: DiffState = { state: "missing" };

export interface Diffs {
  /** What is known of the file's diff. Where it changed, the former is shown until the new one is there. */
  of(file: ChangedFile): DiffState;
  /** Asks for the diffs of these files, the first first; what else was asked for and not begun is forgotten. */
  want(files: readonly ChangedFile[]): void;
  retry(file: ChangedFile): void;
}

/** The diffs of one scope, each read when it is first wanted. `version` changes whenever some have come. */
export function useDiffs(
  sessionId: SessionId,
  { from, to }: DiffScope,
  whitespace: Whitespace,
): { diffs: Diffs; version: number } {
  const queries = useQueryClient();
  const [version, tell] = useReducer((count: number) => count + 1, 0);
  const known = useRef(new Map<string, DiffState>());
  /** The key last shown of a path. Another beginning is another comparison: what was shown before says nothing about it. */
  // oxlint-disable-next-line react-hooks/exhaustive-deps -- they say when to begin anew
  const shown = useMemo(() => new Map<string, string>(), [from, whitespace]);

  const diffs = useMemo(() => {
    const scope = { from, to };
    const keys = new WeakMap<ChangedFile, string[]>();
    const under = new Set<string>();
    let waiting: readonly ChangedFile[] = [];
    let workers = 0;
    let told = 0;

    /** Its own key; and, of a file that a running turn has left alone, that of the same two contents as they were saved. */
    function keysOf(file: ChangedFile): string[] {
      const cached = keys.get(file);
      if (cached) return cached;
      const own = diffKey(file, scope, whitespace).join("\n");
      const identified = file.oldBlob !== null || file.newBlob !== null;
      const saved = to === "live" && identified ? [diffKey(file, { from, to: "head" }, whitespace).join("\n")] : [];
      const made = [...saved, own];
      keys.set(file, made);
      return made;
    }

    async function read(file: ChangedFile, key: string): Promise<DiffState> {
      try {
        const diff = parseDiff(await queries.fetchQuery(diffQuery(sessionId, { file, scope, whitespace })), key);
        return diff ? { state: "ready", diff } : { state: "nothing" };
      } catch (error) {
        return { state: "failed", message: messageOf(error) };
      }
    }

    /** One of several that work through what waits, until nothing does. */
    async function work(): Promise<void> {
      workers++;
      for (let file = take(); file; file = take()) {
        const key = keysOf(file).at(-1) ?? "";
        under.add(key);
        // oxlint-disable-next-line no-await-in-loop -- one after the other is what a worker does
        known.current.set(key, await read(file, key));
        under.delete(key);
        // All that come within a frame are drawn at once.
        cancelAnimationFrame(told);
        told = requestAnimationFrame(tell);
      }
      workers--;
    }

    function take(): ChangedFile | undefined {
      const [first, ...rest] = waiting.filter(
        (file) => !keysOf(file).some((key) => known.current.has(key) || under.has(key)),
      );
      waiting = rest;
      return first;
    }

    function want(files: readonly ChangedFile[]): void {
      waiting = files;
      while (workers < AT_ONCE && waiting.length > 0) void work();
    }

    return {
      // Looked up each time: a diff may have been read for the same file in another list, or before the scope moved on.
      of: (file: ChangedFile) => {
        const key = keysOf(file).find((one) => known.current.has(one));
        if (key !== undefined) shown.set(file.path, key);
        return known.current.get(shown.get(file.path) ?? "") ?? MISSING;
      },
      want,
      retry: (file: ChangedFile) => {
        for (const key of keysOf(file)) known.current.delete(key);
        want([file, ...waiting]);
      },
    };
  }, [queries, sessionId, from, to, whitespace, shown]);

  return { diffs, version };
}
