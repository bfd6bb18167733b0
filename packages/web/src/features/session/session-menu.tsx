"use client";

import type { Session } from "@background-agents/shared/sessions/session";
import {
  Archive,
  ArchiveRestore,
  Copy,
  Ellipsis,
  GitFork,
  History,
  PencilLine,
  SlidersHorizontal,
  Trash2,
} from "lucide-react";
import { useRouter } from "next/navigation";
import { openSessionDialog } from "../../api/session-dialog.ts";
import { deleteSession, restoreSession, updateSession } from "../../api/sessions-client.ts";
import { useRevert } from "../../api/use-revert.ts";
import { messageOf } from "../../lib/app-error.ts";
import { Button } from "../../ui/button.tsx";
import { copyText } from "../../ui/copy-text.ts";
import { Menu, MenuItem, MenuSeparator } from "../../ui/menu.tsx";
import { showError, showToast } from "../../ui/toast.tsx";

/**
 * What can be done with a session as a whole: nothing with a deleted one before it is restored. Archive and delete are
 * done at once and can be undone.
 */
export function SessionMenu({ session, onRename }: { session: Session; onRename: () => void }) {
  const router = useRouter();
  const { revert, obstacle } = useRevert();

  function act(work: Promise<unknown>, then?: () => void): void {
    work.then(then, (error: unknown) => showError(messageOf(error)));
  }

  function archive(): void {
    act(updateSession(session.id, { archived: true }), () => {
      const undo = () => act(updateSession(session.id, { archived: false }));
      showToast({ text: `Archived “${session.title}”`, action: { label: "Undo", run: undo } });
      router.push("/");
    });
  }

  function remove(): void {
    act(deleteSession(session.id), () => {
      const undo = () => act(restoreSession(session.id), () => router.push(`/sessions/${session.id}`));
      const text = `Deleted “${session.title}”: under “Archived and deleted” for 7 days. Its branch stays.`;
      showToast({ text, action: { label: "Undo", run: undo } });
      router.push("/");
    });
  }

  return (
    <Menu
      trigger={
        <Button look="quiet" size="icon" aria-label="More">
          <Ellipsis size={16} />
        </Button>
      }
    >
      {session.deletedAt === null && (
        <MenuItem icon={<PencilLine size={14} />} onSelect={onRename}>
          Rename
        </MenuItem>
      )}
      <MenuItem icon={<Copy size={14} />} onSelect={() => void copyText(session.branch)}>
        Copy branch name
      </MenuItem>
      {session.deletedAt === null && (
        <>
          <MenuItem icon={<SlidersHorizontal size={14} />} onSelect={() => openSessionDialog({ kind: "options" })}>
            Options…
          </MenuItem>
          <MenuSeparator />
          <MenuItem
            icon={<GitFork size={14} />}
            onSelect={() => openSessionDialog({ kind: "fork", checkpointId: session.lastCheckpointId, turn: null })}
          >
            Fork…
          </MenuItem>
          {session.lastCheckpointId !== null && (
            <MenuItem
              icon={<History size={14} />}
              disabled={obstacle !== null}
              {...(obstacle ? { detail: obstacle } : {})}
              onSelect={() => revert(null, "Reverted to the beginning")}
            >
              Revert to the beginning
            </MenuItem>
          )}
          <MenuSeparator />
          {session.archived ? (
            <MenuItem
              icon={<ArchiveRestore size={14} />}
              onSelect={() => act(updateSession(session.id, { archived: false }))}
            >
              Take out of the archive
            </MenuItem>
          ) : (
            <MenuItem icon={<Archive size={14} />} onSelect={archive}>
              Archive
            </MenuItem>
          )}
          <MenuItem icon={<Trash2 size={14} />} danger onSelect={remove}>
            Delete
          </MenuItem>
        </>
      )}
    </Menu>
  );
}
