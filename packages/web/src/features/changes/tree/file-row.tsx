import { ChevronDown, ChevronRight, Check, TriangleAlert } from "lucide-react";
import { cn } from "../../../lib/class-names.ts";
import { STATUS } from "../diff/file-facts.ts";
import type { TreeRow } from "./build-file-tree.ts";

export const ROW_HEIGHT = 26;

/** A folder or a file in the tree. `id` is that of its element, for the tree's own focus. */
export function FileRow({
  row,
  id,
  active,
  current,
  onChoose,
}: {
  row: TreeRow;
  id: string;
  /** The keyboard is here. */
  active: boolean;
  /** Its diff is in view. */
  current: boolean;
  onChoose: () => void;
}) {
  return (
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- the tree takes the keys for all its rows
    <div
      id={id}
      role="treeitem"
      tabIndex={-1}
      aria-level={row.depth + 1}
      aria-selected={current}
      {...(row.kind === "folder" ? { "aria-expanded": row.open } : {})}
      onClick={onChoose}
      style={{ height: ROW_HEIGHT, paddingLeft: 10 + row.depth * 14 }}
      className={cn(
        "flex cursor-pointer items-center gap-1.5 pr-3 text-sm",
        current ? "bg-sunk" : "hover:bg-hover",
        active && "outline-2 -outline-offset-2 outline-accent",
      )}
    >
      {row.kind === "folder" ? <Folder row={row} /> : <File row={row} />}
    </div>
  );
}

function Folder({ row }: { row: TreeRow & { kind: "folder" } }) {
  const Chevron = row.open ? ChevronDown : ChevronRight;
  return (
    <>
      <Chevron size={13} aria-hidden className="shrink-0 text-ink-3" />
      <span className="truncate text-ink-2" title={row.path}>
        {row.name}
      </span>
      {!row.open && <span className="ml-auto text-xs text-ink-3">{row.files}</span>}
    </>
  );
}

function File({ row: { file, name } }: { row: TreeRow & { kind: "file" } }) {
  const status = STATUS[file.status];
  const slash = name.lastIndexOf("/") + 1;
  return (
    <>
      <span className="flex w-[13px] shrink-0 justify-center">
        {file.viewed ? (
          <Check size={12} role="img" aria-label="viewed" className="text-ink-3" />
        ) : (
          <span className={cn("font-mono text-2xs", status.look)} title={status.words}>
            {status.letter}
          </span>
        )}
      </span>
      <span
        className={cn("flex min-w-0", file.viewed && "text-ink-3")}
        title={file.oldPath ? `${file.oldPath} → ${file.path}` : file.path}
      >
        <span className="min-w-0 truncate text-ink-3 [direction:rtl]">
          <bdi>{name.slice(0, slash)}</bdi>
        </span>
        <span className="shrink-0 truncate">{name.slice(slash)}</span>
      </span>
      {file.executedBy && (
        <TriangleAlert size={12} role="img" aria-label="Tools run this file" className="shrink-0 text-need" />
      )}
      <span className="ml-auto flex shrink-0 gap-1.5 pl-2 text-xs">
        {file.kind === "file" ? (
          file.binary && <span className="text-ink-3">binary</span>
        ) : (
          <span className="text-ink-3">{file.kind}</span>
        )}
        {file.additions > 0 && <span className="text-good">+{file.additions.toLocaleString("en")}</span>}
        {file.deletions > 0 && <span className="text-fail">−{file.deletions.toLocaleString("en")}</span>}
      </span>
    </>
  );
}
