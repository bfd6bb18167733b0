import { type RefObject, useLayoutEffect } from "react";

/**
 * Has an image element show a file in memory. An image element runs nothing that is in the file, whatever its type.
 *
 * The address is the element's own from before it is first painted, and is given back only when nothing reads it any
 * more: not while the browser still fetches it for an element that has left the page, which is a failure on its console.
 */
export function useFileSource(
  image: RefObject<HTMLImageElement | null>,
  content: Blob | undefined,
  mediaType: string | undefined,
): void {
  useLayoutEffect(() => {
    const element = image.current;
    if (!element || !content) return;
    const url = URL.createObjectURL(mediaType ? new Blob([content], { type: mediaType }) : content);
    const settled = new AbortController();
    const [settle, once] = [() => settled.abort(), { once: true, signal: settled.signal }];
    element.addEventListener("load", settle, once);
    element.addEventListener("error", settle, once);
    element.src = url;
    return () => {
      // Of an element that shows the next file by then, that one's end counts: it is not before this one's.
      const giveBack = () => URL.revokeObjectURL(url);
      if (settled.signal.aborted) giveBack();
      else settled.signal.addEventListener("abort", giveBack, { once: true });
    };
  }, [image, content, mediaType]);
}
