import type { ToolResult } from "./demo-conversation.ts";

/** What the scripted model knows about the repository: only what its own calls of this turn showed. */
export interface DemoFacts {
  workdir: string | undefined;
  commits: string[];
  files: string[];
  hasDocs: boolean;
  /** Path of a notes file that is there already. */
  existingNotes: string | undefined;
}

export const NOTES_PATHS = ["docs/agent-notes.md", "NOTES.md"] as const;

/** Reads the results of the calls of the `look` step; missing or failed ones give no facts. */
export function readFacts(look: {
  place: ToolResult | undefined;
  files: ToolResult | undefined;
  known: ToolResult | undefined;
}): DemoFacts {
  const [workdir, ...commits] = linesOf(look.place);
  const known = linesOf(look.known);
  return {
    workdir: workdir?.startsWith("/") ? workdir : undefined,
    commits: commits.filter((line) => /^[0-9a-f]{7,40} /.test(line)),
    files: linesOf(look.files),
    hasDocs: known.some((path) => path.startsWith("docs/")),
    existingNotes: NOTES_PATHS.find((path) => known.includes(path)),
  };
}

/** Where this turn's note goes: an existing notes file, else beside other documents, else at the top. */
export function notesPath(facts: DemoFacts): string {
  return facts.existingNotes ?? (facts.hasDocs ? "docs/agent-notes.md" : "NOTES.md");
}

const TEXT_FILE = /^readme$|\.(md|txt|rst|adoc|tsx?|jsx?|mjs|py|go|rs|java|rb|php|c|h|cpp|cs|toml|ya?ml|json|sh)$/i;

/** A file to read in this turn: what says most about the repository first, another one each turn, never the notes. */
export function fileToRead(facts: DemoFacts, turn: number): string | undefined {
  const readable = facts.files.filter(
    (path) => path !== facts.existingNotes && TEXT_FILE.test(path) && !/lock/i.test(path),
  );
  const rank = (path: string) => (/^readme(\.[a-z]+)?$/i.test(path) ? 0 : /\.md$/i.test(path) ? 1 : 2);
  const ranked = readable.toSorted((a, b) => rank(a) - rank(b));
  return ranked[(turn - 1) % Math.max(1, ranked.length)];
}

/** Test files that `node --test` runs without anything installed. */
export function nodeTests(facts: DemoFacts): string[] {
  return facts.files.filter((path) => /\.test\.(m|c)?js$/.test(path) && !path.includes("node_modules/"));
}

function linesOf(result: ToolResult | undefined): string[] {
  if (!result || result.isError) return [];
  return result.text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && line !== "(no output)");
}
