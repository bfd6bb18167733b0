import { showError } from "./toast.tsx";

/** In characters: a name or a path, not a file. */
const SHOWN_LENGTH = 300;

/**
 * Puts `text` on the clipboard; false where the browser refuses, which the user is told, with a short text itself: a click
 * that does nothing looks like one that worked. A page that is open without TLS under another name has no clipboard.
 */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const shown = text.length <= SHOWN_LENGTH && !text.includes("\n");
    showError(`The browser does not let this page copy. Select it yourself${shown ? `: ${text}` : "."}`);
    return false;
  }
}
