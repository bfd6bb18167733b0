"use client";

import type { CheckpointEntry, Turn } from "@background-agents/shared/sessions/timeline";
import { GitCommitHorizontal } from "lucide-react";
import type { ReactNode } from "react";
import { startJob } from "../../api/publish-client.ts";
import { openSessionDialog } from "../../api/session-dialog.ts";
import { sendTo } from "../../api/session-room.ts";
import { useSession, useSessionStore } from "../../api/use-session.tsx";
import { useRevert } from "../../api/use-revert.ts";
import { messageOf } from "../../lib/app-error.ts";
import { plural } from "../../lib/format.ts";
import { ChangeCounts } from "../../ui/change-counts.tsx";
import { CopyButton } from "../../ui/copy-button.tsx";
import { showError } from "../../ui/toast.tsx";

/** `Saved · 3 files +42 −7 · on agents/…`, and what can be done from here. */
export function CheckpointLine({ checkpoint, turn: of }: { checkpoint: CheckpointEntry; turn: Turn }) {
  const { total, turn, published, conflict, checkpointId } = checkpoint;
  const counts = turn ?? total;
  const { revert, obstacle, reverting, last } = useRevert();
  const isHere = last === checkpointId;
  const isDeleted = useSession(({ session }) => (session?.deletedAt ?? null) !== null);
  return (
    <div className="flex gap-2.5 pt-2 text-ink-2">
      <GitCommitHorizontal size={15} className="mt-0.5 shrink-0 text-ink-3" aria-hidden />
      <div className="min-w-0 flex-1">
        <p className="break-words">
          {counts.files === 0 ? "Nothing changed" : "Saved"}
          {counts.files > 0 && (
            <>
              {" · "}
              {plural(counts.files, "file")} <ChangeCounts {...counts} />
            </>
          )}
          {published && (
            <>
              {" · on "}
              <code className="text-code text-ink">{published.branch}</code>
              <CopyButton text={published.branch} label="Copy branch name" className="ml-0.5 align-[-3px]" />
            </>
          )}
        </p>
        {conflict && isHere && <Conflict reason={conflict.reason} />}
        <p className="flex flex-wrap gap-x-3 pt-0.5 text-xs">
          {counts.files > 0 && <Act onClick={() => sendTo("changes", checkpointId)}>See changes</Act>}
          {!isHere && (
            <Act
              disabled={obstacle !== null || reverting}
              title={obstacle ?? "Files and conversation as they were here; can be undone"}
              onClick={() => revert(checkpointId, `Reverted to the end of turn ${of.number}`)}
            >
              {reverting ? "Reverting…" : "Revert to here"}
            </Act>
          )}
          <Act
            disabled={isDeleted}
            title={isDeleted ? "The session is deleted: restore it first" : "A new session that begins here"}
            onClick={() => openSessionDialog({ kind: "fork", checkpointId, turn: of.number })}
          >
            Fork from here
          </Act>
        </p>
      </div>
    </div>
  );
}

/** Why the work is not on its branch, as long as that is so. */
function Conflict({ reason }: { reason: string }) {
  const { sessionId } = useSessionStore();
  const still = useSession((state) => (state.session?.publishConflict ?? null) !== null);
  // A secret in the work is in the way of every name.
  const renames = useSession((state) => state.session?.publishObstacle !== "secret");
  if (!still) return null;
  const look = "text-accent underline-offset-2 hover:underline";

  function publish(): void {
    startJob(sessionId, { kind: "publish", body: {} }).catch((error: unknown) => showError(messageOf(error)));
  }

  return (
    <div>
      <p className="break-words text-need">Not published. {reason}</p>
      <p className="flex flex-wrap gap-x-4">
        <button type="button" onClick={publish} className={look}>
          Try again
        </button>
        {renames && (
          <button type="button" onClick={() => openSessionDialog({ kind: "rename-branch" })} className={look}>
            Publish under another name
          </button>
        )}
      </p>
    </div>
  );
}

function Act({
  disabled = false,
  title,
  onClick,
  children,
}: {
  disabled?: boolean;
  title?: string;
  onClick: () => void;
  children: ReactNode;
}) {
  return (
    <button
      type="button"
      disabled={disabled}
      title={title}
      onClick={onClick}
      className="rounded-sm py-0.5 text-ink-3 not-disabled:hover:text-ink not-disabled:hover:underline disabled:opacity-60 max-md:py-1.5"
    >
      {children}
    </button>
  );
}
