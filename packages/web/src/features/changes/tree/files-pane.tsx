"use client";

import { Search } from "lucide-react";
import { type RefObject, useState } from "react";
import { cn } from "../../../lib/class-names.ts";
import { useCurrentPath, useReview } from "../review-context.tsx";
import { filterFiles } from "./build-file-tree.ts";
import { FileTree } from "./file-tree.tsx";

/** Above this many files a filter helps. */
const FILTER_FROM = 8;

/** The changed files, beside the diffs or over them. */
export function FilesPane({
  beside,
  shape,
  filterField,
}: {
  beside: boolean;
  shape: "tree" | "list";
  filterField: RefObject<HTMLInputElement | null>;
}) {
  const { files, goTo } = useReview();
  const current = useCurrentPath();
  const [filter, setFilter] = useState("");
  const found = filterFiles(files, filter);
  return (
    <div className={cn("flex min-h-0 shrink-0 flex-col", beside ? "w-64 border-r" : "max-h-[32%] border-b")}>
      {files.length >= FILTER_FROM && (
        <div className="flex shrink-0 items-center gap-2 border-b px-3">
          <Search size={13} aria-hidden className="shrink-0 text-ink-3" />
          <input
            ref={filterField}
            value={filter}
            aria-label="Filter the files"
            placeholder={`Filter ${files.length.toLocaleString("en")} files`}
            onChange={(event) => setFilter(event.target.value)}
            onKeyDown={(event) => {
              const first = found[0];
              if (event.key === "Enter" && first) goTo({ path: first.path });
              if (event.key !== "Escape") return;
              event.stopPropagation();
              if (filter === "") event.currentTarget.blur();
              setFilter("");
            }}
            className="h-8 min-w-0 flex-1 bg-transparent text-sm max-md:text-[16px]"
          />
          {filter !== "" && <span className="text-xs text-ink-3">{found.length.toLocaleString("en")}</span>}
        </div>
      )}
      {found.length === 0 ? (
        <p className="px-4 py-3 text-ink-3">No file has that in its path.</p>
      ) : (
        <FileTree
          files={files}
          shape={shape}
          filter={filter}
          current={current}
          onChoose={(path) => goTo({ path })}
          className="min-h-0 flex-1"
        />
      )}
    </div>
  );
}
