"use client";

import { useEffect, useRef } from "react";
import { isTyping } from "../lib/platform.ts";

export type Shortcuts = Record<string, (event: KeyboardEvent) => void>;

/**
 * Single-key shortcuts (`n`, `[`, `?`) outside of fields and dialogs, and `mod+k` anywhere. The newest handlers are
 * always the ones called.
 */
export function useShortcuts(shortcuts: Shortcuts): void {
  const latest = useRef(shortcuts);
  latest.current = shortcuts;
  useEffect(() => {
    function onKeyDown(event: KeyboardEvent): void {
      if (event.defaultPrevented || event.altKey) return;
      const mod = event.metaKey || event.ctrlKey;
      const name = `${mod ? "mod+" : ""}${event.key.length === 1 ? event.key.toLowerCase() : event.key}`;
      const run = latest.current[name];
      if (!run) return;
      if (!mod && (isTyping(event.target) || document.querySelector("dialog[open]"))) return;
      event.preventDefault();
      run(event);
    }
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  }, []);
}
