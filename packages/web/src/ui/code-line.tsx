import type { CodeToken } from "../lib/highlighter.ts";

/**
 * One line of code, coloured where `tokens` are of this very text, with `[from, to)` of it marked.
 */
export function CodeLine({
  text,
  tokens,
  mark,
  markClass,
}: {
  text: string;
  tokens: CodeToken[] | undefined;
  mark?: [number, number] | null;
  markClass?: string;
}) {
  const fits = tokens && tokens.map((token) => token.text).join("") === text;
  const pieces = fits ? tokens : [{ text, colour: "" }];
  let offset = 0;
  return pieces.flatMap((piece, at) => {
    const start = offset;
    offset += piece.text.length;
    return cut(piece.text, start, mark).map(({ text: slice, marked }, part) => (
      <span
        key={`${at}.${part}`}
        {...(piece.colour ? { style: { color: piece.colour } } : {})}
        {...(marked && markClass ? { className: markClass } : {})}
      >
        {slice}
      </span>
    ));
  });
}

function cut(
  text: string,
  start: number,
  mark: [number, number] | null | undefined,
): { text: string; marked: boolean }[] {
  if (!mark) return [{ text, marked: false }];
  const from = Math.min(text.length, Math.max(0, mark[0] - start));
  const to = Math.min(text.length, Math.max(0, mark[1] - start));
  return [
    { text: text.slice(0, from), marked: false },
    { text: text.slice(from, to), marked: true },
    { text: text.slice(to), marked: false },
  ].filter((slice) => slice.text !== "");
}
