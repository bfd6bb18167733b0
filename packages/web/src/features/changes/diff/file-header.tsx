"use client";

import type { ChangedFile } from "@background-agents/shared/sessions/session";
import { ChevronDown, ChevronRight, Copy, Ellipsis, TriangleAlert, Undo2 } from "lucide-react";
import { useState } from "react";
import { useStore } from "zustand";
import { cn } from "../../../lib/class-names.ts";
import { Button } from "../../../ui/button.tsx";
import { copyText } from "../../../ui/copy-text.ts";
import { Menu, MenuItem, MenuSeparator } from "../../../ui/menu.tsx";
import { Tooltip } from "../../../ui/tooltip.tsx";
import { useReview } from "../review-context.tsx";
import { STATUS, tagsOf } from "./file-facts.ts";
import { RestoreItem } from "./restore-item.tsx";

/** Name and facts of a file over its diff, and what can be done with it as a whole. Stays in view while its lines do. */
export function FileHeader({ path }: { path: string }) {
  const review = useReview();
  const current = useStore(review.position, (position) => position.path === path);
  const file = review.fileAt(path);
  if (!file) return null;
  const folded = review.isFolded(file);
  const Chevron = folded ? ChevronRight : ChevronDown;
  return (
    <div
      data-testid="file-header"
      onPointerDown={() => review.position.setState({ path })}
      data-path={path}
      className={cn(
        "flex h-9 items-center gap-1.5 border-y bg-raise pr-2 pl-1.5 font-sans text-sm",
        current ? "border-line-strong" : "border-line",
      )}
    >
      <button
        type="button"
        aria-expanded={!folded}
        aria-label={`${folded ? "Unfold" : "Fold"} ${path}`}
        onClick={() => review.fold(path, !folded)}
        className="rounded-sm p-1 text-ink-3 hover:bg-hover hover:text-ink"
      >
        <Chevron size={14} aria-hidden />
      </button>
      <FileName file={file} />
      <Facts file={file} />
      <div className="ml-auto flex shrink-0 items-center gap-2 pl-1">
        <Counts file={file} />
        <Viewed file={file} />
        <FileMenu file={file} />
      </div>
    </div>
  );
}

function FileName({ file }: { file: ChangedFile }) {
  const slash = file.path.lastIndexOf("/") + 1;
  const status = STATUS[file.status];
  return (
    <>
      <span className={cn("w-3 shrink-0 text-center font-mono text-2xs", status.look)} title={status.words}>
        {status.letter}
      </span>
      <span
        className="flex min-w-0 font-mono text-code"
        title={file.oldPath ? `${file.oldPath} → ${file.path}` : file.path}
      >
        {/* Cut at its beginning: the end tells more. */}
        <span className="min-w-0 truncate text-ink-3 [direction:rtl]">
          <bdi>{file.path.slice(0, slash)}</bdi>
        </span>
        <span className="max-w-[24ch] shrink-0 truncate md:max-w-none">{file.path.slice(slash)}</span>
      </span>
    </>
  );
}

function Facts({ file }: { file: ChangedFile }) {
  return (
    <span className="flex shrink-0 items-center gap-1.5">
      {file.executedBy && (
        <Tooltip text={`Tools run this file: ${file.executedBy}`}>
          <span className="text-need">
            <TriangleAlert size={13} role="img" aria-label={`Tools run this file: ${file.executedBy}`} />
          </span>
        </Tooltip>
      )}
      {tagsOf(file).map((tag) => (
        <span key={tag} className="hidden text-2xs text-ink-3 sm:inline">
          {tag}
        </span>
      ))}
    </span>
  );
}

function Counts({ file: { additions, deletions } }: { file: ChangedFile }) {
  if (additions + deletions === 0) return null;
  return (
    <span className="flex gap-1.5 text-xs">
      {additions > 0 && <span className="text-good">+{additions.toLocaleString("en")}</span>}
      {deletions > 0 && <span className="text-fail">−{deletions.toLocaleString("en")}</span>}
    </span>
  );
}

function Viewed({ file }: { file: ChangedFile }) {
  const { markViewed } = useReview();
  return (
    <label className="flex cursor-pointer items-center gap-1.5 rounded-md px-1.5 py-0.5 text-xs text-ink-2 select-none hover:bg-hover hover:text-ink">
      <input
        type="checkbox"
        checked={file.viewed}
        onChange={(event) => markViewed(file, event.target.checked)}
        className="size-3 accent-accent"
      />
      <span className="max-sm:sr-only">Viewed</span>
    </label>
  );
}

/** Headers come and go with scrolling: a menu is made only where it is asked for. */
function FileMenu({ file }: { file: ChangedFile }) {
  const [asked, setAsked] = useState(false);
  const { discard, refusesDiscard, restoring } = useReview();
  const button = (
    <Button
      look="quiet"
      size="icon"
      className="size-6"
      aria-label={`More for ${file.path}`}
      aria-haspopup="menu"
      {...(asked ? {} : { onClick: () => setAsked(true) })}
    >
      <Ellipsis size={14} />
    </Button>
  );
  if (!asked) return button;
  return (
    <Menu defaultOpen trigger={button}>
      <MenuItem icon={<Copy size={14} />} onSelect={() => void copyText(file.path)}>
        Copy path
      </MenuItem>
      <MenuSeparator />
      {restoring && <RestoreItem file={file} restoring={restoring} />}
      <MenuItem
        icon={<Undo2 size={14} />}
        disabled={refusesDiscard !== null}
        detail={refusesDiscard ?? "Can be undone"}
        onSelect={() => discard(file)}
      >
        Discard changes
      </MenuItem>
    </Menu>
  );
}
