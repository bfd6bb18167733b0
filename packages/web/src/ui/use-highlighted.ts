"use client";

import { useEffect, useState } from "react";
import { type CodeToken, highlight } from "../lib/highlighter.ts";

const SETTLE_MS = 80;

/**
 * The lines of `code` as coloured tokens, or null until (and unless) there are any. While code grows, what was
 * coloured before stays: whoever shows it compares line by line.
 */
export function useHighlighted(code: string, language: string | null): CodeToken[][] | null {
  const [lines, setLines] = useState<CodeToken[][] | null>(null);
  useEffect(() => {
    if (!language) return;
    let current = true;
    const timer = setTimeout(() => {
      highlight(code, language).then(
        (highlighted) => current && setLines(highlighted),
        (error: unknown) => console.warn("Code could not be highlighted.", error),
      );
    }, SETTLE_MS);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [code, language]);
  return lines;
}
