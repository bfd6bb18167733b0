import { SHORTEST_SECRET } from "@background-agents/shared/secrets/secret";
import { findLeftOut } from "@background-agents/shared/sessions/left-out";
import { createPieceFinder, type Shape } from "./cut-values.ts";
import { encodingsOf } from "./encodings.ts";

export interface KnownValue {
  name: string;
  value: string;
}

/** Takes a text in pieces; what could be the beginning of a secret waits for the next piece. */
export interface RedactingStream {
  /** What of the text so far is safe to show now, without what was shown before. */
  push(text: string): string;
  /** The rest. */
  end(): string;
}

export interface Redactor {
  /**
   * Replaces each known value, in each of its shapes, by `[secret NAME]`; beside a mark that something was left out, also
   * what can be a piece of one.
   */
  text(text: string): string;
  /** The same for a text that was cut at its beginning, or at its end, without a mark: what is there can be a piece. */
  cut(text: string, at: "start" | "end"): string;
  stream(): RedactingStream;
  /** The first known value in the text. */
  find(text: string): { name: string; index: number } | undefined;
  /** All of them; those that overlap are one. */
  findAll(text: string): { name: string; index: number }[];
  /** Length of the longest shape of a value, in characters. */
  longest: number;
  isEmpty: boolean;
}

interface Region {
  from: number;
  to: number;
  name: string;
}

/** Finds known values in text, in time about linear in its length: one expression finds where one may begin. */
export function createRedactor(values: readonly KnownValue[]): Redactor {
  const byBeginning = new Map<string, Shape[]>();
  const patterns = new Map<string, Shape>();
  for (const { name, value } of values) {
    for (const text of encodingsOf(value)) if (!patterns.has(text)) patterns.set(text, { text, name });
  }
  for (const pattern of patterns.values()) {
    const beginning = pattern.text.slice(0, SHORTEST_SECRET);
    byBeginning.set(beginning, [...(byBeginning.get(beginning) ?? []), pattern]);
  }
  // The longest first: a value that begins with another one is the one that is meant.
  for (const list of byBeginning.values()) list.sort((a, b) => b.text.length - a.text.length);
  const all = [...patterns.values()];
  const byFirst = new Map<string, Shape[]>();
  for (const pattern of all) {
    const first = pattern.text.charAt(0);
    byFirst.set(first, [...(byFirst.get(first) ?? []), pattern]);
  }
  const longest = Math.max(0, ...all.map(({ text }) => text.length));
  const beginnings = [...byBeginning.keys()].map((text) => text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&"));
  const expression = all.length === 0 ? undefined : new RegExp(beginnings.sort().join("|"), "g");

  /** Where known values are, in order and apart: those that overlap are one. */
  function* regions(text: string): Generator<Region> {
    if (!expression) return;
    const search = new RegExp(expression);
    let open: Region | undefined;
    for (let hit = search.exec(text); hit; hit = search.exec(text)) {
      const from = hit.index;
      search.lastIndex = from + 1;
      const found = byBeginning.get(hit[0])?.find((pattern) => text.startsWith(pattern.text, from));
      if (!found) continue;
      const to = from + found.text.length;
      if (open && from < open.to) open = { ...open, to: Math.max(open.to, to) };
      else {
        if (open) yield open;
        open = { from, to, name: found.name };
      }
    }
    if (open) yield open;
  }

  function replace(text: string, upTo = text.length): string {
    let done = 0;
    let redacted = "";
    for (const { from, to, name } of regions(text)) {
      if (from >= upTo) break;
      redacted += `${text.slice(done, from)}[secret ${name}]`;
      done = to;
    }
    return done === 0 ? text.slice(0, upTo) : redacted + text.slice(done, Math.max(done, upTo));
  }

  /** Where what may be the beginning of a value starts, at the end of the text. */
  function findBegun(text: string): number {
    for (let at = Math.max(0, text.length - longest + 1); at < text.length; at += 1) {
      const candidates = byFirst.get(text.charAt(at));
      if (!candidates) continue;
      const rest = text.slice(at);
      if (candidates.some((pattern) => pattern.text.length > rest.length && pattern.text.startsWith(rest))) return at;
    }
    return text.length;
  }

  const findPiece = createPieceFinder(all);

  /** A text between two cuts, or a cut and an end. */
  function replaceBetween(text: string, cut: { start: boolean; end: boolean }): string {
    const whole = replace(text);
    const first = cut.start ? findPiece(whole, "start") : undefined;
    const begun = first ? `[secret ${first.name}]${whole.slice(first.length)}` : whole;
    const last = cut.end ? findPiece(begun, "end") : undefined;
    return last ? `${begun.slice(0, begun.length - last.length)}[secret ${last.name}]` : begun;
  }

  function replaceAround(text: string, cut: { start: boolean; end: boolean }): string {
    if (!expression) return text;
    const marks = findLeftOut(text);
    let shown = "";
    let from = 0;
    for (const [at, mark] of [...marks, undefined].entries()) {
      const between = { start: at > 0 || cut.start, end: mark !== undefined || cut.end };
      shown += replaceBetween(text.slice(from, mark?.from), between);
      if (mark) shown += text.slice(mark.from, mark.to);
      from = mark?.to ?? from;
    }
    return shown;
  }

  return {
    isEmpty: all.length === 0,
    longest,
    text: (text) => replaceAround(text, { start: false, end: false }),
    cut: (text, at) => replaceAround(text, { start: at === "start", end: at === "end" }),

    stream() {
      let waiting = "";
      return {
        push(text) {
          waiting += text;
          let safe = findBegun(waiting);
          for (const { from, to } of regions(waiting)) if (from < safe && safe < to) safe = from;
          const shown = replace(waiting, safe);
          waiting = waiting.slice(safe);
          return shown;
        },
        end() {
          const shown = replace(waiting);
          waiting = "";
          return shown;
        },
      };
    },

    find(text) {
      for (const { from, name } of regions(text)) return { name, index: from };
      return undefined;
    },

    findAll: (text) => [...regions(text)].map(({ from, name }) => ({ name, index: from })),
  };
}
