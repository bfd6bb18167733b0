import { parse } from "dotenv";

export interface EnvFile {
  /** In the order of the file; of a name that comes twice, the last value. */
  values: { name: string; value: string }[];
  /** Numbers of the lines that are no assignment, from 1. */
  unreadLines: number[];
}

const ASSIGNMENT = /^\s*(?:export\s+)?[\w.-]+(?:\s*=|:\s)\s*(.*)$/;
const NOTHING = /^\s*(#.*)?$/;

/** Reads the text of a `.env` file as the server reads its own: quotes, values over several lines, `export`. Pure. */
export function readEnvFile(text: string): EnvFile {
  const values = Object.entries(parse(text)).map(([name, value]) => ({ name, value }));
  const lines = text.replace(/\r\n?/g, "\n").split("\n");
  const unreadLines: number[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? "";
    if (NOTHING.test(line)) continue;
    const value = ASSIGNMENT.exec(line)?.[1];
    if (value === undefined) unreadLines.push(at + 1);
    else at += linesInQuotes(value, lines.slice(at + 1));
  }
  return { values, unreadLines };
}

/** How many further lines belong to a value that begins with a quote; 0 where the quote never ends. */
function linesInQuotes(value: string, following: readonly string[]): number {
  const quote = /^["'`]/.exec(value)?.[0];
  if (quote === undefined || endsQuote(value.slice(1), quote)) return 0;
  return following.findIndex((line) => endsQuote(line, quote)) + 1;
}

function endsQuote(text: string, quote: string): boolean {
  return text.replace(/\\./g, "").includes(quote);
}
