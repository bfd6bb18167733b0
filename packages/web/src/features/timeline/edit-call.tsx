"use client";

import { FilePenLine, FilePlus2 } from "lucide-react";
import { useMemo } from "react";
import { describeTool, type ToolCall } from "../../lib/describe-tool.ts";
import { parsePatch } from "../../lib/parse-patch.ts";
import { ChangeCounts } from "../../ui/change-counts.tsx";
import { PatchView } from "../../ui/patch-view.tsx";
import { RawCall } from "./raw-call.tsx";
import { ToolState } from "./tool-state.tsx";

/** An edit as the diff it made. */
export function EditCall({ call }: { call: ToolCall }) {
  const { verb, subject } = describeTool(call);
  const patch = useMemo(() => call.patch ?? patchOfWriting(call), [call]);
  const counts = useMemo(() => (patch ? parsePatch(patch) : null), [patch]);
  const Icon = call.name === "write" ? FilePlus2 : FilePenLine;
  return (
    <section aria-label={`${verb} ${subject}`} className="my-1 overflow-hidden rounded-lg border bg-raise">
      <div className="flex items-center gap-2.5 px-3 py-1.5">
        <Icon size={15} className="shrink-0 text-ink-3" aria-hidden />
        <span className="min-w-0 truncate">
          {verb} <span className="font-mono text-code">{subject}</span>
        </span>
        {call.status === "completed" && counts ? (
          <span className="ml-auto text-xs">
            <ChangeCounts {...counts} />
          </span>
        ) : (
          <ToolState call={call} />
        )}
      </div>
      {patch && call.status !== "failed" && <PatchView patch={patch} path={subject} />}
      {call.status === "failed" && (
        <div className="border-t px-3 py-2">
          <p className="break-words whitespace-pre-wrap text-fail">{call.error ?? "The edit failed."}</p>
          <RawCall call={call} />
        </div>
      )}
    </section>
  );
}

/** While a file is being written there is no patch yet: its text stands as added lines. */
function patchOfWriting({ name, input }: ToolCall): string | null {
  if (name !== "write" || typeof input.content !== "string" || input.content === "") return null;
  const lines = input.content.replace(/\n$/, "").split("\n");
  return [`@@ -0,0 +1,${lines.length} @@`, ...lines.map((line) => `+${line}`)].join("\n");
}
