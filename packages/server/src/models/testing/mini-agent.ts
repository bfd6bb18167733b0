import { execFile } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";
import { call, textOf } from "./local-gateway.ts";

const StreamEvent = z.object({
  type: z.string(),
  index: z.int().optional(),
  content_block: z.object({ type: z.string(), id: z.string().optional(), name: z.string().optional() }).optional(),
  delta: z.object({ text: z.string().optional(), partial_json: z.string().optional() }).optional(),
});

const Input = z.object({
  command: z.string().optional(),
  filePath: z.string().optional(),
  content: z.string().optional(),
  oldString: z.string().optional(),
  newString: z.string().optional(),
});

interface Block {
  type: string;
  id: string;
  name: string;
  text: string;
}

/** A call of the scripted model and what the tool answered. */
export interface MadeCall {
  name: string;
  input: z.infer<typeof Input>;
  output: string;
  isError: boolean;
}

/**
 * The loop of a coding agent, small: asks the model, does what it calls for real in `directory`, answers in the words of
 * OpenCode's tools, until a reply has no calls.
 */
export function createMiniAgent(options: { port: number; directory: string; tools?: string[]; broken?: string[] }) {
  const tools = options.tools ?? ["bash", "edit", "read", "todowrite", "write"];
  const messages: object[] = [];

  const run = async (name: string, input: z.infer<typeof Input>): Promise<string> => {
    const { filePath = "", content = "", oldString = "", newString = "", command = "" } = input;
    if (options.broken?.includes(name)) throw new Error(`${name} is broken`);
    if (name === "todowrite") return "[]";
    if (name === "bash") return bash(command, options.directory);
    if (name === "write") {
      await mkdir(dirname(filePath), { recursive: true });
      await writeFile(filePath, content);
      return "Wrote file successfully.";
    }
    const text = await readFile(filePath, "utf8");
    if (name === "read") return asRead(filePath, text);
    if (text.split(oldString).length !== 2) throw new Error("oldString must occur once");
    await writeFile(
      filePath,
      text.replace(oldString, () => newString),
    );
    return "Edit applied successfully.";
  };

  /** One turn. Resolves with the calls made and the last text. */
  const prompt = async (words: string): Promise<{ calls: MadeCall[]; answer: string; firstText: string }> => {
    const calls: MadeCall[] = [];
    const texts: string[] = [];
    messages.push({ role: "user", content: [{ type: "text", text: words }] });
    for (;;) {
      const body = { model: "scripted", stream: true, messages, tools: tools.map((name) => ({ name })) };
      const response = await call(options.port, { path: "demo/v1/messages", body });
      const blocks = readBlocks(await textOf(response));
      texts.push(...blocks.filter((block) => block.type === "text").map((block) => block.text));
      const uses = blocks.filter((block) => block.type === "tool_use");
      messages.push({ role: "assistant", content: blocks.map(asContent) });
      if (uses.length === 0) return { calls, answer: texts.at(-1) ?? "", firstText: texts[0] ?? "" };
      const results: object[] = [];
      for (const use of uses) {
        const input = Input.parse(JSON.parse(use.text));
        const done = await run(use.name, input).then(
          (output) => ({ output, isError: false }),
          (error: unknown) => ({ output: String(error), isError: true }),
        );
        calls.push({ name: use.name, input, ...done });
        results.push({ type: "tool_result", tool_use_id: use.id, content: done.output, is_error: done.isError });
      }
      messages.push({ role: "user", content: results });
    }
  };
  return { prompt };
}

function readBlocks(stream: string): Block[] {
  const blocks: Block[] = [];
  for (const line of stream.split("\n")) {
    if (!line.startsWith("data: ")) continue;
    const event = StreamEvent.parse(JSON.parse(line.slice(6)));
    const start = event.content_block;
    if (start) blocks.push({ type: start.type, id: start.id ?? "", name: start.name ?? "", text: "" });
    const block = blocks[event.index ?? -1];
    if (block) block.text += event.delta?.text ?? event.delta?.partial_json ?? "";
  }
  return blocks;
}

function asContent(block: Block): object {
  if (block.type === "tool_use")
    return { type: "tool_use", id: block.id, name: block.name, input: JSON.parse(block.text) };
  return { type: "text", text: block.text };
}

function asRead(path: string, text: string): string {
  const lines = text.replace(/\n$/, "").split("\n");
  const numbered = lines.map((line, index) => `${index + 1}: ${line}`).join("\n");
  return `<path>${path}</path>\n<type>file</type>\n<content>\n${numbered}\n\n(End of file - total ${lines.length} lines)\n</content>`;
}

/** Output of both streams, whatever the exit code, as OpenCode's tool gives it. */
async function bash(command: string, cwd: string): Promise<string> {
  return new Promise((resolve) => {
    execFile("bash", ["-c", `{ ${command}\n} 2>&1`], { cwd }, (_error, stdout) => resolve(stdout || "(no output)"));
  });
}
