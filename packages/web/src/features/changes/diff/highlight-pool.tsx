"use client";

import { WorkerPoolContextProvider } from "@pierre/diffs/react";
import type { ReactNode } from "react";
import { CODE_THEMES } from "../../../lib/highlighter.ts";

const POOL = {
  workerFactory: () => new Worker(new URL("@pierre/diffs/worker/worker.js", import.meta.url), { type: "module" }),
  poolSize: 2,
  // Small diffs are coloured sooner than a worker would answer.
  mainThreadMaxCharacters: 4000,
};
const HIGHLIGHTING = { theme: CODE_THEMES, lineDiffType: "word" as const };

/** Diffs inside are coloured beside the page's own work, so that scrolling stays smooth. */
export function HighlightPool({ children }: { children: ReactNode }) {
  return (
    <WorkerPoolContextProvider poolOptions={POOL} highlighterOptions={HIGHLIGHTING}>
      {children}
    </WorkerPoolContextProvider>
  );
}
