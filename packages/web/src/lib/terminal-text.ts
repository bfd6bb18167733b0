import anser from "anser";

export interface TerminalSpan {
  text: string;
  /** Name of a terminal colour (`red`, `bright-blue`), or an rgb triple; null for the text's own colour. */
  foreground: string | null;
  bold: boolean;
  dim: boolean;
  italic: boolean;
  underline: boolean;
}

const ESCAPE = "\u001B";
// Titles, links, the clipboard, device strings, private modes, cursor moves: everything that is not a colour. Each begins
// with an escape and a character, or with one character that means both.
const STRING = new RegExp(
  `(?:${ESCAPE}[\\]PX^_]|[\\u0090\\u0098\\u009D-\\u009F])[^\\u0007\\u009C${ESCAPE}]*(?:\\u0007|\\u009C|${ESCAPE}\\\\)?`,
  "g",
);
const CONTROL_SEQUENCE = new RegExp(`(?:${ESCAPE}\\[|\\u009B)[0-?]*[ -/]*([@-~])`, "g");
const OTHER_ESCAPE = new RegExp(`${ESCAPE}[()#][0-9A-Za-z]|${ESCAPE}[^[\\]]|${ESCAPE}$`, "g");
// oxlint-disable-next-line no-control-regex -- these are the characters to take out
const CONTROL_CHARACTER = /[\u0000-\u0008\u000B\u000C\u000E-\u001A\u007F-\u009F]/g;

/** A terminal's output as lines of plain text with colour codes left in: what a terminal would show in the end. */
export function cleanTerminalText(raw: string): string {
  const text = raw
    .replace(STRING, "")
    .replace(CONTROL_SEQUENCE, (sequence, final: string) =>
      final === "m" && sequence.startsWith(ESCAPE) ? sequence : "",
    )
    .replace(OTHER_ESCAPE, "")
    .replace(CONTROL_CHARACTER, "")
    .replaceAll("\r\n", "\n");
  return text.includes("\r") ? text.split("\n").map(overwrite).join("\n") : text;
}

/** A bare carriage return starts the line again (progress bars): the last non-empty writing stays. */
function overwrite(line: string): string {
  return line.split("\r").findLast((part) => part !== "") ?? "";
}

/** One or more cleaned lines as coloured spans. Colours carry over lines. */
export function toTerminalSpans(text: string): TerminalSpan[] {
  return anser.ansiToJson(text, { use_classes: true, json: true, remove_empty: true }).map((chunk) => ({
    text: chunk.content,
    foreground: colourName(chunk.fg, chunk.fg_truecolor),
    bold: chunk.decorations.includes("bold"),
    dim: chunk.decorations.includes("dim"),
    italic: chunk.decorations.includes("italic"),
    underline: chunk.decorations.includes("underline"),
  }));
}

function colourName(name: string | null, triple: string | null): string | null {
  if (!name) return null;
  if (name === "ansi-truecolor") return triple;
  const palette = /^ansi-palette-(\d+)$/.exec(name);
  if (palette) return paletteColour(Number(palette[1]));
  return name.replace(/^ansi-/, "");
}

const GREY_BASE = 232;
const CUBE_BASE = 16;

/** The xterm palette's cube and greys as rgb triples. */
function paletteColour(at: number): string {
  if (at >= GREY_BASE) {
    const grey = 8 + (at - GREY_BASE) * 10;
    return `${grey}, ${grey}, ${grey}`;
  }
  const level = (value: number) => (value === 0 ? 0 : 55 + value * 40);
  const offset = at - CUBE_BASE;
  return [Math.floor(offset / 36), Math.floor(offset / 6) % 6, offset % 6].map(level).join(", ");
}
