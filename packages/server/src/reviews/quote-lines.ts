import type { LineRange } from "@background-agents/shared/reviews/comment";
import { AppError } from "../lib/app-error.ts";

const QUOTED_LINES = 20;
const QUOTED_CHARACTERS = 8000;

/** The lines of a file as a comment quotes them. Throws `request.invalid` where the file has no such lines. */
export function quoteLines(bytes: Buffer, { start, end }: LineRange): string {
  if (bytes.includes(0)) throw new AppError("request.invalid", "The file is not text: it has no lines to comment on.");
  const lines = bytes.toString("utf8").split("\n");
  if (lines.at(-1) === "") lines.pop();
  if (end > lines.length) {
    throw new AppError("request.invalid", `lines: the file has ${lines.length} lines at this moment, not ${end}`);
  }
  const quoted = lines.slice(start - 1, Math.min(end, start - 1 + QUOTED_LINES));
  return quoted
    .map((line) => line.replace(/\r$/, ""))
    .join("\n")
    .slice(0, QUOTED_CHARACTERS);
}
