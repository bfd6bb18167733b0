import type { CheckpointId } from "@background-agents/shared/ids";
import type { Checkpoint } from "@background-agents/shared/sessions/session";

/** Checkpoints that come with a conversation of their own; the others were made beside it. */
const WITH_CONVERSATION = new Set<Checkpoint["origin"]>(["turn", "fork"]);

/** The checkpoint whose conversation the agent had at the moment `id`; null where it had none yet. */
export function conversationOf(
  find: (id: CheckpointId) => Checkpoint | undefined,
  id: CheckpointId | null,
): CheckpointId | null {
  let at = id === null ? undefined : find(id);
  while (at && !WITH_CONVERSATION.has(at.origin)) at = at.parentId === null ? undefined : find(at.parentId);
  return at?.id ?? null;
}
