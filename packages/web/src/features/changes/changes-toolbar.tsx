"use client";

import { CheckCheck, FolderTree, SlidersHorizontal } from "lucide-react";
import { plural } from "../../lib/format.ts";
import { Button } from "../../ui/button.tsx";
import { ChangeCounts } from "../../ui/change-counts.tsx";
import { KeyHint } from "../../ui/key-hint.tsx";
import { MenuCheck } from "../../ui/menu-check.tsx";
import { Menu, MenuItem, MenuSeparator } from "../../ui/menu.tsx";
import { Segmented } from "../../ui/segmented.tsx";
import { Tooltip } from "../../ui/tooltip.tsx";
import type { Scope } from "./scope/build-scopes.ts";
import { ScopePicker } from "./scope/scope-picker.tsx";
import type { DiffLook } from "./use-diff-look.ts";

const LAYOUTS = [
  { value: "unified", label: "Unified" },
  { value: "split", label: "Split" },
] as const;

/** Which changes are shown, how, and how many they are. */
export function ChangesToolbar({
  scopes,
  scope,
  onScope,
  look,
  roomForSplit,
  totals,
  viewed,
  onMarkReviewed,
}: {
  scopes: readonly Scope[];
  scope: Scope;
  onScope: (key: string) => void;
  look: DiffLook;
  roomForSplit: boolean;
  totals: { files: number; additions: number; deletions: number } | undefined;
  viewed: number;
  /** Absent where there is nothing new to have seen. */
  onMarkReviewed: (() => void) | undefined;
}) {
  return (
    <div className="flex shrink-0 items-center gap-2 border-b px-4 py-1.5">
      <ScopePicker scopes={scopes} scope={scope} onPick={onScope} />
      {totals && totals.files > 0 && (
        <span className="flex min-w-0 gap-2 text-xs whitespace-nowrap">
          <ChangeCounts {...totals} />
          <span className="truncate text-ink-3">
            {viewed > 0
              ? `${viewed} of ${totals.files.toLocaleString("en")} viewed`
              : plural(totals.files, "file").replace(/^\d+/, (count) => Number(count).toLocaleString("en"))}
          </span>
        </span>
      )}
      <div className="ml-auto flex shrink-0 items-center gap-1">
        {roomForSplit && (
          <Segmented label="Layout of the diff" value={look.layout} onChange={look.setLayout} options={LAYOUTS} />
        )}
        <Tooltip text={look.files ? "Hide the files" : "Show the files"}>
          <Button
            look="quiet"
            size="icon"
            aria-label="List of files"
            aria-pressed={look.files}
            className="aria-pressed:text-ink"
            onClick={() => look.setFiles(!look.files)}
          >
            <FolderTree size={14} />
          </Button>
        </Tooltip>
        <Menu
          trigger={
            <Button look="quiet" size="icon" aria-label="How the changes are shown">
              <SlidersHorizontal size={14} />
            </Button>
          }
        >
          <MenuCheck
            checked={look.whitespace === "ignore"}
            onChange={(on) => look.setWhitespace(on ? "ignore" : "show")}
          >
            Hide changes of whitespace
          </MenuCheck>
          <MenuCheck checked={look.wrap} onChange={look.setWrap}>
            Wrap long lines
          </MenuCheck>
          <MenuCheck checked={look.shape === "tree"} onChange={(on) => look.setShape(on ? "tree" : "list")}>
            Files as a tree
          </MenuCheck>
          <MenuCheck checked={look.files} onChange={look.setFiles} hint={<KeyHint keys="t" />}>
            List of files
          </MenuCheck>
          <MenuSeparator />
          <MenuItem
            icon={<CheckCheck size={14} />}
            disabled={!onMarkReviewed}
            detail="“Since my last look” begins here"
            onSelect={() => onMarkReviewed?.()}
          >
            Mark all as reviewed
          </MenuItem>
        </Menu>
      </div>
    </div>
  );
}
