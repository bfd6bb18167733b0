import { baseUpdateCommand } from "./demo-base.ts";
import { nodeTests, NOTES_PATHS } from "./demo-facts.ts";
import { editableComments, reviewAnswers, reviewCommands } from "./demo-review.ts";
import { callId, type DemoState } from "./demo-state.ts";
import { commitMessage, introduction, longAnswer, newNotes, notesSection, shortened, summary } from "./demo-words.ts";
import { uniqueEnding, wholeFile } from "./read-output.ts";

export interface DemoCall {
  id: string;
  name: string;
  input: Record<string, unknown>;
}

/** One answer of the scripted model; with calls the turn goes on, without it ends. */
export interface DemoReply {
  thinking?: string;
  text: string;
  calls: DemoCall[];
}

interface Step {
  name: string;
  /** The calls to make, by place; none: the step has nothing to do here. */
  calls(state: DemoState): Record<string, { tool: string; input: Record<string, unknown> }>;
  thinking?(state: DemoState): string;
  text?(state: DemoState): string;
}

const bash = (command: string, timeoutMs?: number) => ({
  tool: "bash",
  input: { command, ...(timeoutMs !== undefined && { timeout: timeoutMs }) },
});

/** Tracked and new files, without the ignored ones. */
const LIST = "git ls-files --cached --others --exclude-standard";

const TODOS = ["Look around", "Add the note", "Check it", "Finish"];
const todos = (done: number) => ({
  tool: "todowrite",
  input: {
    todos: TODOS.map((content, index) => ({
      content,
      status: index < done ? "completed" : index === done ? "in_progress" : "pending",
      priority: "medium",
    })),
  },
});

const QUESTION = {
  questions: [
    {
      question: "Which kind of note should the scripted demo write?",
      header: "Kind of note",
      options: [
        { label: "Short", description: "A few lines" },
        { label: "Long", description: "The same lines: it is a script" },
      ],
    },
  ],
};

const absolute = (state: DemoState, path: string) => (state.facts.workdir ? `${state.facts.workdir}/${path}` : path);

/** The script, in order. A step is over when one of its calls was answered, and passed over when it makes none. */
const STEPS: Step[] = [
  {
    name: "look",
    thinking: (state) =>
      `Scripted: prompt ${state.turn} of this conversation. Plan: see where I am, read one file, note it, check it, commit it.`,
    text: introduction,
    calls: () => ({
      todos: todos(0),
      place: bash("pwd && git log --oneline -n 5"),
      files: bash(`${LIST} | head -n 60`),
      known: bash(`${LIST} -- ${NOTES_PATHS.join(" ")}; git ls-files -- docs | head -n 1`),
    }),
  },
  {
    name: "base",
    text: () =>
      "The base has moved on, so I follow it first. Where both sides changed a line I keep both: I am a script.",
    calls: (state) => (state.base ? { run: bash(baseUpdateCommand(state.base, quoted), 120_000) } : {}),
  },
  {
    name: "ask",
    text: () => "Your prompt wants me to ask, so I ask.",
    calls: (state) => (state.prompt.directives.has("ask") ? { question: { tool: "question", input: QUESTION } } : {}),
  },
  {
    name: "read",
    text: (state) => {
      const heard = state.result("ask", "question");
      const answer = heard ? `Heard: ${shortened(heard.text, 300)}\n\n` : "";
      return `${answer}${state.facts.files.length} files are listed. I read what I need before I write.`;
    },
    calls: (state) => ({
      ...(state.reading && { file: { tool: "read", input: { filePath: absolute(state, state.reading), limit: 200 } } }),
      ...(state.facts.existingNotes && { notes: { tool: "read", input: { filePath: absolute(state, state.notes) } } }),
    }),
  },
  {
    name: "note",
    text: (state) =>
      state.facts.existingNotes ? `Now the next entry in \`${state.notes}\`.` : `Now the note, in \`${state.notes}\`.`,
    calls: (state) => {
      const filePath = absolute(state, state.notes);
      if (!state.facts.existingNotes) {
        return { todos: todos(1), write: { tool: "write", input: { filePath, content: newNotes(state) } } };
      }
      const lines = wholeFile(state.result("read", "notes")?.text ?? "");
      const ending = lines && uniqueEnding(lines);
      if (ending === undefined) return {};
      const input = { filePath, oldString: ending, newString: `${ending}\n\n${notesSection(state)}` };
      return { todos: todos(1), edit: { tool: "edit", input } };
    },
  },
  {
    // Where the file tools could not write, the shell appends.
    name: "append",
    calls: (state) => {
      const written = state.result("note", "edit") ?? state.result("note", "write");
      if (written && !written.isError) return {};
      const path = quoted(state.notes);
      const text = quoted(`\n${notesSection(state)}\n`);
      return { run: bash(`mkdir -p "$(dirname ${path})" && printf '%s' ${text} >> ${path}`) };
    },
  },
  {
    name: "check",
    text: () => "Let me check the result; the output comes line by line.",
    calls: (state) => ({ todos: todos(2), status: bash(checkCommand(state), 120_000) }),
  },
  {
    name: "test",
    text: () => "There are tests for Node's own runner, so I run them.",
    calls: (state) => {
      const tests = nodeTests(state.facts).slice(0, 20);
      return tests.length > 0 ? { run: bash(`node --test ${tests.map(quoted).join(" ")}`, 60_000) } : {};
    },
  },
  {
    name: "command",
    text: () => "Your prompt asks for a command.",
    calls: (state) => (state.prompt.command ? { run: bash(state.prompt.command, 600_000) } : {}),
  },
  {
    name: "review",
    text: () => "Your review names lines, so I mark each of them.",
    calls: (state) => {
      const commands = reviewCommands(state.comments, quoted);
      return commands.length > 0 ? { run: bash(commands.join("\n")) } : {};
    },
  },
  {
    name: "commit",
    text: () => "Now the commit.",
    calls: (state) => {
      if (state.prompt.directives.has("no-commit")) return {};
      const edited = editableComments(state.comments).map(({ path }) => path);
      const paths = [...new Set([state.notes, ...edited])].map(quoted).join(" ");
      return { run: bash(`git add -- ${paths} && git commit -m ${quoted(commitMessage(state))} -- ${paths}`) };
    },
  },
  { name: "finish", calls: () => ({ todos: todos(TODOS.length) }) },
];

/** What to answer now. Pure: the same conversation on the same day gets the same answer. */
export function decideReply(state: DemoState): DemoReply {
  for (const step of STEPS) {
    const calls = Object.entries(step.calls(state)).filter(([, call]) => state.tools.has(call.tool));
    if (calls.length === 0 || calls.some(([place]) => state.result(step.name, place))) continue;
    const thinking = step.thinking?.(state);
    return {
      ...(thinking !== undefined && { thinking }),
      text: step.text?.(state) ?? "",
      calls: calls.map(([place, call]) => ({
        id: callId(state.turn, step.name, place),
        name: call.tool,
        input: call.input,
      })),
    };
  }
  const long = state.prompt.directives.has("long") ? `\n\n${longAnswer()}` : "";
  const answers = reviewAnswers(state.comments).map((line) => `\n\n${line}`);
  return { text: summary(state) + answers.join("") + long, calls: [] };
}

function checkCommand(state: DemoState): string {
  const count = `${LIST} | head -n 8 | while read -r file; do wc -l "$file"; sleep 0.4; done`;
  const slow = 'for i in $(seq 1 30); do echo "tick $i of 30"; sleep 1; done; ';
  const prefix = state.prompt.directives.has("slow") ? slow : "";
  return `${prefix}${count}; echo; wc -l ${quoted(state.notes)}; git status --short`;
}

/** A single shell word. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
