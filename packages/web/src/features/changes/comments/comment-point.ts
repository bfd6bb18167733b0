import type { CheckpointId } from "@background-agents/shared/ids";
import type { AddCommentBody } from "@background-agents/shared/protocol/review-commands";
import type { DiffSide } from "@background-agents/shared/reviews/comment";
import type { ChangedFile } from "@background-agents/shared/sessions/session";
import type { DiffScope } from "../../../api/reviews-client.ts";

/** The moment that a comment on one side of a diff is made on, or why none can be made. */
export type CommentPoint = { at: AddCommentBody["at"]; path: string; refusal?: never } | { refusal: string };

/**
 * A comment needs lines that stay: those of a checkpoint, or of where the session began. Of a running turn's tree, only
 * a file that the turn has left alone has them; `savedBlobs` are the contents at the last checkpoint.
 */
export function findCommentPoint(
  { file, side }: { file: ChangedFile; side: DiffSide },
  scope: DiffScope,
  saved: { head: CheckpointId | null; blobs: ReadonlyMap<string, string | null> },
): CommentPoint {
  const moment = side === "old" ? scope.from : scope.to;
  const path = side === "old" ? (file.oldPath ?? file.path) : file.path;
  if (moment !== "live" && moment !== "head" && moment !== "looked") return { at: moment, path };
  if (moment === "live" && saved.head && file.newBlob && saved.blobs.get(path) === file.newBlob) {
    return { at: saved.head, path };
  }
  return { refusal: "The agent is at work on this file. Comment on it once the turn has ended." };
}
