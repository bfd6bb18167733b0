"use client";

import { useEffect, useRef } from "react";
import { isTyping } from "../../lib/platform.ts";

const WITHIN_MS = 700;

/**
 * Runs `action` at the second Esc within 0.7 s, anywhere on the page but in dialogs and menus. The returned function is
 * for the field that swallows its own Esc: it says whether the press was the second one.
 */
export function useDoubleEscape(active: boolean, action: () => void): () => boolean {
  const last = useRef(0);
  const latest = useRef({ active, action });
  latest.current = { active, action };

  const press = useRef(() => {
    const now = performance.now();
    const second = latest.current.active && now - last.current < WITHIN_MS;
    last.current = second ? 0 : now;
    if (second) latest.current.action();
    return second;
  });

  useEffect(() => {
    function onKeyDown(event: KeyboardEvent): void {
      if (event.key !== "Escape" || event.defaultPrevented || isTyping(event.target)) return;
      if (document.querySelector("dialog[open], [role=menu], [data-radix-popper-content-wrapper]")) return;
      press.current();
    }
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  }, []);
  return press.current;
}
