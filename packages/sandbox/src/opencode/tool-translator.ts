import { type OpenTool, type SettledTool, TITLE_LIMIT } from "@background-agents/shared/sessions/part";
import { textTail } from "../lib/text-tail.ts";
import type { ToolPart, ToolState } from "./opencode-events.ts";

/** What OpenCode's bash tool appends when the user's abort ended the command; it calls that "completed". */
const ABORTED_COMMAND = /\n*<shell_metadata>\s*User aborted the command\s*<\/shell_metadata>\s*$/;

type Metadata = Record<string, unknown>;

function stringOf(metadata: Metadata | undefined, key: string): string | undefined {
  const value = metadata?.[key];
  return typeof value === "string" ? value : undefined;
}

/** A bare unified patch: no `Index:` lines, and paths of the working tree as git writes them. */
export function cleanPatch(diff: string, tree: string): string {
  const nameOf = (path: string, side: string) => {
    const bare = path.trim();
    if (bare === "/dev/null") return bare;
    const name = bare.startsWith(`${tree}/`) ? bare.slice(tree.length + 1) : bare;
    return /^[ab]\//.test(name) ? name : `${side}/${name}`;
  };
  return diff
    .replace(/^Index: .*\n=+\n/gm, "")
    .replace(
      /^--- (.*)\n\+\+\+ (.*)$/gm,
      (_all, old: string, now: string) => `--- ${nameOf(old, "a")}\n+++ ${nameOf(now, "b")}`,
    );
}

/** The patch that an editing tool reports in its metadata: `diff` (edit, apply_patch) or a list of file diffs. */
function patchOf(metadata: Metadata | undefined, tree: string): string | undefined {
  const diff = stringOf(metadata, "diff") ?? stringOf(metadata, "patch");
  if (diff) return cleanPatch(diff, tree);
  const files = metadata?.["files"];
  if (!Array.isArray(files)) return undefined;
  const patches = files.flatMap((file: unknown) =>
    typeof file === "object" && file !== null
      ? [stringOf(file as Metadata, "patch") ?? stringOf(file as Metadata, "diff") ?? ""]
      : [],
  );
  return cleanPatch(patches.filter(Boolean).join("\n"), tree) || undefined;
}

/** Id of the child session that a `task` tool call runs. */
export function childSessionOf(state: ToolState): string | undefined {
  if (state.status === "pending") return undefined;
  return stringOf(state.metadata, "sessionId") ?? stringOf(state.metadata, "sessionID");
}

/** The file with a tool's whole output, where OpenCode cut it. */
export function fullOutputFileOf(state: ToolState): string | undefined {
  if (state.status !== "completed" || state.metadata?.["truncated"] !== true) return undefined;
  return stringOf(state.metadata, "outputPath");
}

/** A running tool call; its live output cut to the last `outputLimit` characters. */
export function openTool(part: ToolPart, outputLimit: number): OpenTool {
  const { state } = part;
  if (state.status === "pending")
    return { name: part.tool, status: "pending", ...(state.input && { input: state.input }) };
  const title = "title" in state ? state.title : undefined;
  const output = stringOf(state.metadata, "output");
  return {
    name: part.tool,
    status: "running",
    ...(title ? { title: title.slice(0, TITLE_LIMIT) } : {}),
    ...(state.input ? { input: state.input } : {}),
    ...(output === undefined ? {} : { output: textTail(output, outputLimit) }),
    startedAt: new Date(state.time.start).toISOString(),
  };
}

/** A finished tool call, with its whole output; undefined while it still runs. `tree` is the working tree's path. */
export function settledTool(part: ToolPart, tree: string): SettledTool | undefined {
  const { state } = part;
  if (state.status === "pending" || state.status === "running") return undefined;
  const durationMs = Math.max(0, (state.time.end ?? state.time.start) - state.time.start);
  const exit = state.metadata?.["exit"];
  const patch = patchOf(state.metadata, tree);
  const shared = {
    name: part.tool,
    input: state.input,
    durationMs,
    ...(typeof exit === "number" && Number.isInteger(exit) ? { exitCode: exit } : {}),
    ...(patch ? { patch } : {}),
  };
  if (state.status === "completed") {
    const title = state.title ? { title: state.title.slice(0, TITLE_LIMIT) } : {};
    if (!ABORTED_COMMAND.test(state.output)) return { ...shared, ...title, status: "completed", output: state.output };
    return { ...shared, ...title, status: "interrupted", output: state.output.replace(ABORTED_COMMAND, "\n") };
  }
  const interrupted = state.metadata?.["interrupted"] === true || /\baborted\b/i.test(state.error);
  const output = stringOf(state.metadata, "output");
  return {
    ...shared,
    status: interrupted ? "interrupted" : "failed",
    error: state.error,
    ...(output === undefined ? {} : { output }),
  };
}

/** What a tool call that never ended settles as: interrupted, with the output it had so far. */
export function interruptedTool(part: ToolPart, tree: string, nowMs: number): SettledTool {
  const settled = settledTool(part, tree);
  if (settled) return settled;
  const { state } = part;
  const output = state.status === "running" ? stringOf(state.metadata, "output") : undefined;
  const startedMs = state.status === "running" ? state.time.start : nowMs;
  return {
    name: part.tool,
    status: "interrupted",
    input: state.input ?? {},
    durationMs: Math.max(0, nowMs - startedMs),
    ...(output === undefined ? {} : { output }),
  };
}
