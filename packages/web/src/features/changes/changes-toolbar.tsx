"use client";

import { CheckCheck, FolderTree, List, SlidersHorizontal } from "lucide-react";
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
            {viewed > 0 ? `${viewed} of ${totals.files.toLocaleString("en")} viewed` : ""}
          </span>
        </span>
      )}
      <div className="ml-auto flex shrink-0 items-center gap-1">
        {roomForSplit && (
          <Segmented label="Layout of the diff" value={look.layout} onChange={look.setLayout} options={LAYOUTS} />
        )}
        <Tooltip text={look.shape === "tree" ? "Show as a list" : "Show as a tree"}>
          <Button
            look="quiet"
            size="icon"
            aria-label={look.shape === "tree" ? "Show files as a list" : "Show files as a tree"}
            onClick={() => look.setShape(look.shape === "tree" ? "list" : "tree")}
          >
            {look.shape === "tree" ? <List size={14} /> : <FolderTree size={14} />}
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
          <MenuCheck checked={look.files} onChange={look.setFiles} hint={<KeyHint keys="t" />}>
            Show the files
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
