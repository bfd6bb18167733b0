import { z } from "zod";

/** A part is one piece of a turn's answer: a text, a thought, a tool call. It is open while it grows and settles once. */
export const PartKind = z.enum(["text", "reasoning", "tool", "file"]);
export type PartKind = z.infer<typeof PartKind>;

/** A longer title is cut. */
export const TITLE_LIMIT = 2000;

const partId = z.string().min(1).max(128);

/** Tool input as the agent gave it (JSON object); limited in size by the frame it travels in. */
const toolInput = z.record(z.string(), z.unknown());

export const OpenTool = z.object({
  name: z.string().max(200),
  title: z.string().max(TITLE_LIMIT).optional(),
  status: z.enum(["pending", "running"]),
  input: toolInput.optional(),
  /** Cumulative live output; the last 32 kB of it. */
  output: z.string().optional(),
  startedAt: z.iso.datetime().optional(),
});
export type OpenTool = z.infer<typeof OpenTool>;

/**
 * The current state of a part that has not settled. `rev` counts replacements of the whole part; a `delta` appends to
 * `text` at `offset` (UTF-16 code units). Both make a repeated frame harmless.
 */
export const OpenPart = z.object({
  partId,
  kind: PartKind,
  /** Place of the part in its turn's answer, ascending in order of first appearance. */
  index: z.int().nonnegative(),
  /** The `task` tool call this part belongs to, for parts of a child session. */
  parentPartId: partId.optional(),
  text: z.string(),
  tool: OpenTool.optional(),
  rev: z.int().nonnegative(),
});
export type OpenPart = z.infer<typeof OpenPart>;

export const SettledTool = z.object({
  name: z.string().max(200),
  title: z.string().max(TITLE_LIMIT).optional(),
  status: z.enum(["completed", "failed", "interrupted"]),
  input: toolInput,
  /** What the tool gave back; over 64 kB only its first and last part, the whole of it then is `outputBlob`. */
  output: z.string().optional(),
  outputBlob: z.string().optional(),
  error: z.string().optional(),
  exitCode: z.int().optional(),
  /** Unified patch of what an editing tool changed. */
  patch: z.string().optional(),
  durationMs: z.number().nonnegative(),
});
export type SettledTool = z.infer<typeof SettledTool>;

export const SettledPart = z.object({
  partId,
  kind: PartKind,
  index: z.int().nonnegative(),
  parentPartId: partId.optional(),
  text: z.string().optional(),
  tool: SettledTool.optional(),
  /** How long the part took, where it is known (reasoning). */
  durationMs: z.number().nonnegative().optional(),
  /**
   * The sandbox ended before the agent was done with it: as much as was heard. The whole of it may settle later, when
   * the session's next sandbox tells what the one before could not.
   */
  partial: z.boolean().optional(),
});
export type SettledPart = z.infer<typeof SettledPart>;

export const Todo = z.object({
  content: z.string().max(4000),
  status: z.enum(["pending", "in_progress", "completed", "cancelled"]),
});
export type Todo = z.infer<typeof Todo>;
