import { leftOut } from "@background-agents/shared/sessions/left-out";

/** The last part of a text, at most `limit` UTF-16 code units, begun at a line where one is near. */
export function textTail(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const tail = text.slice(-limit);
  const line = tail.indexOf("\n");
  return line >= 0 && line < 200 ? tail.slice(line + 1) : dropLoneSurrogate(tail);
}

/** As {@link textTail}, below a line that says how much is missing of a text that had `length` in all. */
export function markedTail(text: string, limit: number, length = text.length): string {
  const tail = textTail(text, limit);
  return tail.length === length ? tail : `${leftOut(length - tail.length)}\n${tail}`;
}

/** First and last part of a text with a line between them that says what is missing; `limit` counts each part. */
export function textEnds(text: string, limit: number): string {
  if (text.length <= 2 * limit) return text;
  const missing = text.length - 2 * limit;
  return `${text.slice(0, limit)}\n${leftOut(missing)}\n${dropLoneSurrogate(text.slice(-limit))}`;
}

function dropLoneSurrogate(text: string): string {
  const code = text.charCodeAt(0);
  return code >= 0xdc00 && code <= 0xdfff ? text.slice(1) : text;
}
