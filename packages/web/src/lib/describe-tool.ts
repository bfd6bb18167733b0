import type { OpenTool, SettledTool } from "@background-agents/shared/sessions/part";
import { plural } from "./format.ts";

/** A tool call, running or settled, as the timeline shows it. */
export interface ToolCall {
  name: string;
  status: "pending" | "running" | "completed" | "failed" | "interrupted";
  input: Record<string, unknown>;
  output: string;
  /** What the tool itself remarks on its output (a time limit, a stop). */
  remark: string | null;
  error: string | null;
  exitCode: number | null;
  patch: string | null;
  durationMs: number | null;
  startedAt: string | null;
}

export function toToolCall(tool: OpenTool | SettledTool): ToolCall {
  const settled = "durationMs" in tool ? tool : null;
  const { output, remark } = splitRemark(tool.output ?? "");
  return {
    name: tool.name,
    status: tool.status,
    input: tool.input ?? {},
    output,
    remark,
    error: settled?.error ?? null,
    exitCode: settled?.exitCode ?? null,
    patch: settled?.patch ?? null,
    durationMs: settled?.durationMs ?? null,
    startedAt: "startedAt" in tool ? (tool.startedAt ?? null) : null,
  };
}

/** The agent's shell tool speaks to the model at the end of the output, between tags: not what the command wrote. */
function splitRemark(raw: string): { output: string; remark: string | null } {
  const found = /\n*<(?:shell|bash)_metadata>\s*([\s\S]*?)\s*<\/(?:shell|bash)_metadata>\s*$/.exec(raw);
  const output = found ? raw.slice(0, found.index) : raw;
  return { output: output.trim() === "(no output)" ? "" : output, remark: found?.[1] || null };
}

/** What a call did, in words: `Read` `src/app.ts` `120 lines`. */
export interface ToolWords {
  verb: string;
  subject: string;
  outcome: string | null;
}

/** Which picture of the call to show. */
export type ToolLook = "command" | "edit" | "todos" | "asking" | "line";

export function lookOfTool({ name, status, patch, input }: ToolCall): ToolLook {
  if (name === "bash") return "command";
  if (name === "todowrite") return "todos";
  if (name === "question" && status !== "failed") return "asking";
  if (patch !== null) return "edit";
  return (name === "edit" || name === "write") && typeof input.filePath === "string" ? "edit" : "line";
}

export function describeTool(call: ToolCall): ToolWords {
  const { name, input, output } = call;
  switch (name) {
    case "read":
      return { verb: "Read", subject: pathOf(input), outcome: countOf(output, /^\s*\d+[|:]/gm, "line") };
    case "list":
      return { verb: "Listed", subject: pathOf(input) || "the directory", outcome: null };
    case "glob":
      return { verb: "Found files", subject: textOf(input.pattern), outcome: countOf(output, /^\/.+$/gm, "file") };
    case "grep": {
      const found = /^Found (\d+)/.exec(output);
      return {
        verb: "Searched",
        subject: textOf(input.pattern),
        outcome: found ? plural(Number(found[1]), "match", "matches") : null,
      };
    }
    case "edit":
      return { verb: "Edited", subject: pathOf(input), outcome: null };
    case "write":
      return { verb: "Wrote", subject: pathOf(input), outcome: null };
    case "webfetch":
      return { verb: "Fetched", subject: textOf(input.url), outcome: null };
    case "task":
      return { verb: "Gave to a helper", subject: textOf(input.description), outcome: null };
    case "skill":
      return { verb: "Read the skill", subject: textOf(input.name), outcome: null };
    default:
      return {
        verb: name,
        subject: textOf(Object.values(input).find((value) => typeof value === "string")),
        outcome: null,
      };
  }
}

/** A path inside the working tree, without where the container has it. */
export function treePath(path: string): string {
  return path.replace(/^\/workspace\/[^/]+\/?/, "") || ".";
}

function pathOf(input: Record<string, unknown>): string {
  const path = input.filePath ?? input.path;
  return typeof path === "string" ? treePath(path) : "";
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function countOf(output: string, pattern: RegExp, word: string): string | null {
  const count = output.match(pattern)?.length ?? 0;
  return count > 0 ? plural(count, word) : null;
}
