"use client";

import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

const BOTTOM_PX = 40;

/** Where each session was left; absent for one that followed its end. */
const places = new Map<string, number>();

/**
 * Keeps the end of the content in view while the reader is there, and never moves what somebody reads. `hasNewBelow`
 * says that the content grew out of sight. Places are remembered by `key`.
 */
export function useFollowScroll(key: string, loaded: boolean) {
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const following = useRef(true);
  const [hasNewBelow, setHasNewBelow] = useState(false);

  const toBottom = useCallback(() => {
    following.current = true;
    setHasNewBelow(false);
    const box = scroller.current;
    if (box) box.scrollTop = box.scrollHeight;
  }, []);

  useLayoutEffect(() => {
    const place = places.get(key);
    following.current = place === undefined;
    setHasNewBelow(false);
    const box = scroller.current;
    if (box && loaded) box.scrollTop = place ?? box.scrollHeight;
  }, [key, loaded]);

  useEffect(() => {
    const box = scroller.current;
    const inner = content.current;
    if (!box || !inner) return;
    let height = box.scrollHeight;

    function onScroll(): void {
      if (!box) return;
      following.current = box.scrollHeight - box.scrollTop - box.clientHeight < BOTTOM_PX;
      if (following.current) {
        places.delete(key);
        setHasNewBelow(false);
      } else {
        places.set(key, box.scrollTop);
      }
    }
    const observer = new ResizeObserver(() => {
      if (!box) return;
      if (following.current) box.scrollTop = box.scrollHeight;
      else if (box.scrollHeight > height + 4 && box.scrollHeight - box.scrollTop - box.clientHeight > BOTTOM_PX) {
        setHasNewBelow(true);
      }
      height = box.scrollHeight;
    });
    observer.observe(inner);
    observer.observe(box);
    box.addEventListener("scroll", onScroll, { passive: true });
    return () => {
      observer.disconnect();
      box.removeEventListener("scroll", onScroll);
    };
  }, [key]);

  return { scroller, content, hasNewBelow, toBottom };
}
