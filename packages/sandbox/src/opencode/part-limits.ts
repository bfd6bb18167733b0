import type { OpenPart, SettledPart } from "@background-agents/shared/sessions/part";
import { textEnds } from "../lib/text-tail.ts";

/** What one part may take of a frame, in characters a string; the server refuses frames over 4 MiB. */
const STRING_ENDS = 16_384;
const TEXT_ENDS = 262_144;
const PATCH_LIMIT = 524_288;
const NESTING = 6;
const ENTRIES = 200;

function fitValue(value: unknown, depth: number): unknown {
  if (typeof value === "string") return textEnds(value, STRING_ENDS);
  if (typeof value !== "object" || value === null) return value;
  if (depth >= NESTING) return "…";
  if (Array.isArray(value)) return value.slice(0, ENTRIES).map((item: unknown) => fitValue(item, depth + 1));
  return fitInput(value as Record<string, unknown>, depth + 1);
}

function fitInput(input: Record<string, unknown>, depth = 0): Record<string, unknown> {
  const entries = Object.entries(input).slice(0, ENTRIES);
  return Object.fromEntries(entries.map(([name, value]) => [name, fitValue(value, depth)]));
}

/** A patch cut at a line, with a last line that says so. */
function fitPatch(patch: string): string {
  if (patch.length <= PATCH_LIMIT) return patch;
  const cut = patch.slice(0, patch.lastIndexOf("\n", PATCH_LIMIT) + 1);
  return `${cut}\\ The rest of this patch is left out.\n`;
}

/** The part with everything cut to what a frame can carry. Pure. */
export function fitOpenPart(part: OpenPart): OpenPart {
  const { tool } = part;
  const text = textEnds(part.text, TEXT_ENDS);
  if (!tool) return { ...part, text };
  const input = tool.input ? { input: fitInput(tool.input) } : {};
  return { ...part, text, tool: { ...tool, name: tool.name.slice(0, 200), ...input } };
}

/** As {@link fitOpenPart}, for a settled part whose long output went to a blob already. */
export function fitSettledPart(part: SettledPart): SettledPart {
  const { tool, text } = part;
  const fitted = text === undefined ? part : { ...part, text: textEnds(text, TEXT_ENDS) };
  if (!tool) return fitted;
  return {
    ...fitted,
    tool: {
      ...tool,
      name: tool.name.slice(0, 200),
      input: fitInput(tool.input),
      ...(tool.output === undefined ? {} : { output: textEnds(tool.output, TEXT_ENDS) }),
      ...(tool.error === undefined ? {} : { error: textEnds(tool.error, STRING_ENDS) }),
      ...(tool.patch === undefined ? {} : { patch: fitPatch(tool.patch) }),
    },
  };
}
