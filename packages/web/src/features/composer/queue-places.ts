import type { PromptId } from "@background-agents/shared/ids";

/** Pure: before which prompt this one runs after a step up or down; null: last; undefined: it is there already. */
export function beforeOfStep(ids: readonly PromptId[], id: PromptId, by: -1 | 1): PromptId | null | undefined {
  const at = ids.indexOf(id);
  if (at === -1 || at + by < 0 || at + by >= ids.length) return undefined;
  return by === -1 ? ids[at - 1] : (ids[at + 2] ?? null);
}

/** Pure: as `beforeOfStep`, for a prompt that is dropped on another and takes its place. */
export function beforeOfDrop(ids: readonly PromptId[], id: PromptId, onto: PromptId): PromptId | null | undefined {
  const [from, to] = [ids.indexOf(id), ids.indexOf(onto)];
  if (from === -1 || to === -1 || from === to) return undefined;
  return from < to ? (ids[to + 1] ?? null) : onto;
}
