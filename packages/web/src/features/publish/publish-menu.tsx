"use client";

import type { Session } from "@background-agents/shared/sessions/session";
import {
  ArrowUpFromLine,
  Check,
  ChevronDown,
  Copy,
  FolderOpen,
  FolderSync,
  FolderX,
  GitBranch,
  GitMerge,
  PencilLine,
  Upload,
} from "lucide-react";
import { startJob } from "../../api/publish-client.ts";
import { openSessionDialog } from "../../api/session-dialog.ts";
import { updateSession } from "../../api/sessions-client.ts";
import { messageOf } from "../../lib/app-error.ts";
import { isPushBehind, type PublishState, publishState } from "../../lib/publish-state.ts";
import { Button } from "../../ui/button.tsx";
import { copyText } from "../../ui/copy-text.ts";
import { editorAddress } from "../../ui/editor-link.tsx";
import { Menu, MenuItem, MenuNote, MenuSeparator } from "../../ui/menu.tsx";
import { showError, showToast } from "../../ui/toast.tsx";

const STATE_WORDS: Record<PublishState, string> = {
  nothing: "Publish",
  published: "Published",
  waiting: "Publish",
  conflict: "Not published",
};

/** Where the work stands to its branch, and the ways to take it from here. */
export function PublishMenu({ session }: { session: Session }) {
  const { id, branch, checkout, publishMode } = session;
  const state = publishState(session);
  const nothing = state === "nothing";

  function act(work: Promise<unknown>): void {
    work.catch((error: unknown) => showError(messageOf(error)));
  }

  async function copyBranch(): Promise<void> {
    if (await copyText(branch)) showToast({ text: `Copied ${branch}` });
  }

  return (
    <Menu
      align="start"
      trigger={
        <Button className={state === "conflict" ? "text-need" : ""}>
          {state === "published" ? (
            <Check size={14} className="text-good" aria-hidden />
          ) : (
            <GitBranch size={14} aria-hidden />
          )}
          {STATE_WORDS[state]}
          <ChevronDown size={12} className="text-ink-3" aria-hidden />
        </Button>
      }
    >
      <MenuNote>
        <StateNote session={session} state={state} />
      </MenuNote>
      {(state === "waiting" || state === "conflict") && (
        <MenuItem icon={<Upload size={14} />} onSelect={() => act(startJob(id, { kind: "publish", body: {} }))}>
          {state === "conflict" ? "Try again" : "Publish now"}
        </MenuItem>
      )}
      {state === "conflict" && session.publishObstacle !== "secret" && (
        <MenuItem icon={<PencilLine size={14} />} onSelect={() => openSessionDialog({ kind: "rename-branch" })}>
          Publish under another name…
        </MenuItem>
      )}
      <MenuItem icon={<Copy size={14} />} onSelect={() => void copyBranch()}>
        Copy branch name
      </MenuItem>
      <MenuSeparator />
      {checkout && (
        <MenuItem
          icon={<FolderOpen size={14} />}
          detail={<span className="break-all">{checkout.path}</span>}
          onSelect={() => location.assign(editorAddress(checkout.path))}
        >
          Open in editor
        </MenuItem>
      )}
      <MenuItem
        icon={<FolderSync size={14} />}
        disabled={nothing}
        onSelect={() => openSessionDialog({ kind: "checkout" })}
      >
        {checkout ? "Update the work tree…" : "Check out…"}
      </MenuItem>
      {checkout && (
        <MenuItem icon={<FolderX size={14} />} onSelect={() => openSessionDialog({ kind: "remove-checkout" })}>
          Remove the work tree…
        </MenuItem>
      )}
      <MenuItem icon={<GitMerge size={14} />} disabled={nothing} onSelect={() => openSessionDialog({ kind: "apply" })}>
        Apply to my branch…
      </MenuItem>
      <MenuItem
        icon={<ArrowUpFromLine size={14} />}
        disabled={nothing}
        {...(session.push ? { detail: pushWords(session) } : {})}
        onSelect={() => openSessionDialog({ kind: "push" })}
      >
        Push…
      </MenuItem>
      <MenuSeparator />
      <MenuItem
        icon={<Check size={14} className={publishMode === "auto" ? "" : "invisible"} />}
        onSelect={() => act(updateSession(id, { publishMode: publishMode === "auto" ? "manual" : "auto" }))}
      >
        Publish after each turn
      </MenuItem>
    </Menu>
  );
}

function StateNote({
  session: { branch, publishConflict, publishMode },
  state,
}: {
  session: Session;
  state: PublishState;
}) {
  const name = <code className="break-all text-ink">{branch}</code>;
  switch (state) {
    case "published":
      return <>{name} in your repository has all of the work.</>;
    case "waiting":
      return (
        <>
          {name} does not have the newest work yet
          {publishMode === "auto" ? "; it follows after the turn." : ": publish it when you want to."}
        </>
      );
    case "conflict":
      return <span className="break-words text-need">{publishConflict}</span>;
    case "nothing":
      return <>There is no work to publish yet.</>;
  }
}

function pushWords(session: Session): string {
  const { push } = session;
  if (!push) return "";
  return isPushBehind(session) ? `${push.remote} lacks the newest work` : `On ${push.remote} as ${push.branch}`;
}
