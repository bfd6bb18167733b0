import { nodeTests } from "./demo-facts.ts";
import type { DemoState } from "./demo-state.ts";
import { fileLines } from "./read-output.ts";

/** The first words of a turn: what this is and what will be done. */
export function introduction(state: DemoState): string {
  const asked = `You asked: “${shortened(state.prompt.text, 120)}”`;
  if (state.turn === 1) {
    return `I am the **scripted demo model**, not a language model: I follow a fixed script, but the agent, its tools and this repository are real. ${asked}\n\nI will look around, read a file, add a note about your prompt, check it with a command and commit it.`;
  }
  return `This is prompt ${state.turn} of our conversation; before it you wrote “${shortened(state.previousPrompt ?? "", 80)}”. ${asked}\n\nStill the scripted demo: I go on as in my previous answer and add entry ${state.turn} to the notes.`;
}

/** The section that a turn adds to the notes. It quotes the prompt and lists only what the calls showed. */
export function notesSection(state: DemoState): string {
  const { facts } = state;
  const quoted = state.prompt.text
    .slice(0, 600)
    .split("\n")
    .slice(0, 10)
    .map((line) => `> ${line}`.trimEnd());
  const saw = [
    facts.commits[0] ? `- Latest commit: \`${facts.commits[0]}\`` : "- No commit was listed",
    `- Files listed: ${facts.files.length}${facts.files.length > 0 ? `, among them ${sample(facts.files)}` : ""}`,
    ...(state.reading ? [`- Read \`${state.reading}\`: ${aboutReading(state)}`] : []),
  ];
  return [`## ${state.today}, prompt ${state.turn}`, "", ...quoted, "", "What the scripted demo saw:", "", ...saw].join(
    "\n",
  );
}

export function newNotes(state: DemoState): string {
  return `# Agent notes\n\nWritten by the scripted demo model: one entry a prompt.\n\n${notesSection(state)}\n`;
}

export function commitMessage(state: DemoState): string {
  const firstLine = state.prompt.text.split("\n")[0] ?? "";
  return `Note prompt ${state.turn}: ${shortened(firstLine, 50)}`;
}

/** The answer at the turn's end, told from results alone. */
export function summary(state: DemoState): string {
  const lines = [
    ...baseOutcome(state),
    noteOutcome(state),
    checkOutcome(state),
    ...testOutcome(state),
    ...commandOutcome(state),
    commitOutcome(state),
  ];
  const status = state.result("check", "status")?.text.trim();
  const shown = status
    ? `\n\nThe end of the check's output:\n\n\`\`\`text\n${status.split("\n").slice(-8).join("\n")}\n\`\`\``
    : "";
  const edited = state.result("note", "edit")?.isError === false;
  const again =
    state.turn > 1 ? ` This was prompt ${state.turn}${edited ? "; the earlier entries are still there" : ""}.` : "";
  return `Done, as far as a script can be.${again}\n\n${lines.map((line) => `- ${line}`).join("\n")}${shown}\n\nTo have a model think about your prompt, set \`ANTHROPIC_API_KEY\` or \`OPENAI_API_KEY\` in \`.env\` and restart.`;
}

function baseOutcome(state: DemoState): string[] {
  const run = state.result("base", "run");
  if (!state.base || !run) return [];
  const { how, branch } = state.base;
  return [
    run.isError ? `Following \`${branch}\` failed: ${shortened(run.text, 160)}` : `Followed \`${branch}\` by ${how}`,
  ];
}

function noteOutcome(state: DemoState): string {
  const edited = state.result("note", "edit");
  const written = state.result("note", "write") ?? state.result("append", "run") ?? edited;
  if (!written) return `No note was written: none of my tools could`;
  if (written.isError) return `Writing \`${state.notes}\` failed: ${shortened(written.text, 160)}`;
  return edited && !edited.isError ? `Added an entry to \`${state.notes}\`` : `Wrote \`${state.notes}\``;
}

function checkOutcome(state: DemoState): string {
  const check = state.result("check", "status");
  if (!check) return "Ran no check";
  return check.isError
    ? `The check did not run: ${shortened(check.text, 160)}`
    : "Counted lines and asked `git status`: see below";
}

function testOutcome(state: DemoState): string[] {
  const run = state.result("test", "run");
  if (!run) return [];
  const count = (word: string) => new RegExp(`^(?:#|ℹ) ${word} (\\d+)$`, "m").exec(run.text)?.[1];
  const pass = count("pass");
  const fail = count("fail");
  if (pass === undefined || fail === undefined) return ["`node --test` gave no count of tests"];
  return [
    `\`node --test\` on ${nodeTests(state.facts).length} test file${nodeTests(state.facts).length === 1 ? "" : "s"}: ${pass} passed, ${fail} failed`,
  ];
}

function commandOutcome(state: DemoState): string[] {
  const run = state.result("command", "run");
  if (!run) return [];
  const lastLine = run.text.trim().split("\n").at(-1) ?? "";
  return [`Ran the command of your prompt; its last line was \`${shortened(lastLine, 120).replaceAll("`", "'")}\``];
}

function commitOutcome(state: DemoState): string {
  const commit = state.result("commit", "run");
  if (!commit)
    return state.prompt.directives.has("no-commit") ? "Left the change uncommitted, as asked" : "Made no commit";
  const made = /^\[(.+?) ([0-9a-f]{7,40})\]/m.exec(commit.text);
  if (made) return `Committed it as \`${made[2] ?? ""}\` on \`${(made[1] ?? "").replace(" (root-commit)", "")}\``;
  return `\`git commit\` did not report a commit: ${shortened(commit.text, 160)}`;
}

function aboutReading(state: DemoState): string {
  const read = state.result("read", "file");
  if (!read || read.isError) return "it could not be read";
  const lines = fileLines(read.text);
  const first = lines.find((line) => line.trim() !== "")?.trim();
  return first
    ? `${lines.length} ${lines.length === 1 ? "line" : "lines"}, the first says “${shortened(first, 80)}”`
    : "it is empty";
}

function sample(files: readonly string[]): string {
  return files
    .slice(0, 3)
    .map((file) => `\`${file}\``)
    .join(", ");
}

/** One line of at most `length` characters. */
export function shortened(text: string, length: number): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length <= length ? line : `${line.slice(0, length - 1).trimEnd()}…`;
}

/** Filler of known size for `[demo:long]`. */
export function longAnswer(): string {
  const paragraph = (index: number) =>
    `### Part ${index}\n\nThis is paragraph ${index} of a long answer that was asked for by a directive. It says nothing about the repository; it exists so that scrolling, folding and streaming can be looked at with a text of some length.`;
  return Array.from({ length: 70 }, (_, index) => paragraph(index + 1)).join("\n\n");
}
