"use client";

import { useEffect, useRef, useState } from "react";
import { type CodeToken, highlight } from "../lib/highlighter.ts";

/** While code grows it is coloured this often. */
const EVERY_MS = 150;

/**
 * The lines of `code` as coloured tokens, or null until (and unless) there are any. While code grows, what was
 * coloured before stays: whoever shows it compares line by line.
 */
export function useHighlighted(code: string, language: string | null): CodeToken[][] | null {
  const [lines, setLines] = useState<CodeToken[][] | null>(null);
  const latest = useRef(code);
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  latest.current = code;

  useEffect(() => {
    if (!language || timer.current !== null) return;
    timer.current = setTimeout(() => {
      timer.current = null;
      highlight(latest.current, language).then(setLines, (error: unknown) =>
        console.warn("Code could not be highlighted.", error),
      );
    }, EVERY_MS);
  }, [code, language]);

  useEffect(
    () => () => {
      if (timer.current !== null) clearTimeout(timer.current);
      timer.current = null;
    },
    [],
  );
  return lines;
}
