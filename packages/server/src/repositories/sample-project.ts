/** The sample repository, commit by commit: a small note keeper in plain Node, whose tests need no network. */
export interface SampleCommit {
  message: string;
  files: Record<string, string>;
}

const PACKAGE = `{
  "name": "background-agents-sample",
  "version": "0.1.0",
  "private": true,
  "type": "module",
  "description": "A small note keeper to try things on.",
  "bin": { "notes": "src/cli.js" },
  "scripts": { "test": "node --test" },
  "engines": { "node": ">=20" }
}
`;

const README = `# Notes

A small note keeper for the command line, without dependencies.

    node src/cli.js add "Buy oat milk" --tag shopping
    node src/cli.js list
    node src/cli.js search milk

Notes are kept in \`notes.json\` in the current directory. Run the tests with \`npm test\`.

## Ideas for a first prompt

- Add a \`remove\` command with tests.
- \`list --tag <tag>\` should show only notes with that tag.
- Show when each note was written, as "3 days ago".
`;

const NOTES = `/** Adds a note; the text must not be blank. Gives a new list. */
export function addNote(notes, { text, tags = [], at = new Date() }) {
  const trimmed = text.trim();
  if (trimmed === "") throw new Error("A note needs some text.");
  const id = Math.max(0, ...notes.map((note) => note.id)) + 1;
  return [...notes, { id, text: trimmed, tags, at: at.toISOString() }];
}

/** One line a note: its number, its text, its tags. */
export function formatNote(note) {
  const tags = note.tags.map((tag) => \` #\${tag}\`).join("");
  return \`\${note.id}. \${note.text}\${tags}\`;
}
`;

const SEARCH = `
/** The notes whose text or tags contain every word of the query, whatever its case. */
export function searchNotes(notes, query) {
  const words = query.toLowerCase().split(/\\s+/).filter(Boolean);
  return notes.filter((note) => {
    const content = [note.text, ...note.tags].join(" ").toLowerCase();
    return words.every((word) => content.includes(word));
  });
}
`;

const STORE = `import { readFileSync, writeFileSync } from "node:fs";

/** The notes in a file; none where there is no file yet. */
export function readNotes(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    if (error.code === "ENOENT") return [];
    throw error;
  }
}

export function writeNotes(path, notes) {
  writeFileSync(path, \`\${JSON.stringify(notes, null, 2)}\\n\`);
}
`;

const CLI = `#!/usr/bin/env node
import { parseArgs } from "node:util";
import { addNote, formatNote, searchNotes } from "./notes.js";
import { readNotes, writeNotes } from "./store.js";

const FILE = "notes.json";
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { tag: { type: "string", multiple: true } },
});
const [command, ...words] = positionals;

switch (command) {
  case "add": {
    const notes = addNote(readNotes(FILE), { text: words.join(" "), tags: values.tag ?? [] });
    writeNotes(FILE, notes);
    console.log(formatNote(notes.at(-1)));
    break;
  }
  case "list":
    for (const note of readNotes(FILE)) console.log(formatNote(note));
    break;
  case "search":
    for (const note of searchNotes(readNotes(FILE), words.join(" "))) console.log(formatNote(note));
    break;
  default:
    console.error("Usage: notes add <text> [--tag <tag>] | list | search <words>");
    process.exitCode = 1;
}
`;

const NOTES_TEST = `import assert from "node:assert/strict";
import { test } from "node:test";
import { addNote, formatNote } from "../src/notes.js";

test("a new note gets the next number", () => {
  const notes = addNote(addNote([], { text: "one" }), { text: "  two " });
  assert.deepEqual(
    notes.map((note) => [note.id, note.text]),
    [
      [1, "one"],
      [2, "two"],
    ],
  );
});

test("a blank note is refused", () => {
  assert.throws(() => addNote([], { text: "  " }), /needs some text/);
});

test("a note is shown with its tags", () => {
  assert.equal(formatNote({ id: 3, text: "Buy oat milk", tags: ["shopping"] }), "3. Buy oat milk #shopping");
});
`;

const SEARCH_TEST = `import assert from "node:assert/strict";
import { test } from "node:test";
import { searchNotes } from "../src/notes.js";

const notes = [
  { id: 1, text: "Buy oat milk", tags: ["shopping"] },
  { id: 2, text: "Call Grace", tags: [] },
];

test("every word must match, in the text or in a tag", () => {
  assert.deepEqual(
    searchNotes(notes, "MILK shop").map((note) => note.id),
    [1],
  );
  assert.deepEqual(searchNotes(notes, "milk grace"), []);
});
`;

export const SAMPLE_COMMITS: readonly SampleCommit[] = [
  {
    message: "Keep notes in a list",
    files: {
      ".gitignore": "node_modules/\nnotes.json\n",
      "package.json": PACKAGE,
      "README.md": README,
      "src/notes.js": NOTES,
      "test/notes.test.js": NOTES_TEST,
    },
  },
  {
    message: "Search notes by word and tag",
    files: { "src/notes.js": NOTES + SEARCH, "test/search.test.js": SEARCH_TEST },
  },
  { message: "Add the command line", files: { "src/store.js": STORE, "src/cli.js": CLI } },
];
