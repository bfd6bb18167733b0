"use client";

import type { PartEntry } from "@background-agents/shared/sessions/timeline";
import { lookOfTool, type ToolCall } from "../../lib/describe-tool.ts";
import { CommandCall } from "./command-call.tsx";
import { EditCall } from "./edit-call.tsx";
import { LineCall } from "./line-call.tsx";
import { OpenPartView } from "./open-part-view.tsx";
import { SettledPartView } from "./settled-part-view.tsx";
import { TodoCall } from "./todo-call.tsx";

/** A tool call as what it did. */
export function ToolView({ call, childEntries }: { call: ToolCall; childEntries: PartEntry[] }) {
  return (
    <>
      <Picture call={call} />
      {childEntries.length > 0 && (
        <div className="ml-[7px] flex flex-col gap-1.5 border-l pl-[17px]">
          {childEntries.map((entry) =>
            entry.kind === "part" ? (
              <SettledPartView key={entry.key} part={entry.part} childEntries={entry.children} />
            ) : (
              <OpenPartView key={entry.key} part={entry.part} childEntries={entry.children} />
            ),
          )}
        </div>
      )}
    </>
  );
}

function Picture({ call }: { call: ToolCall }) {
  switch (lookOfTool(call)) {
    case "command":
      return <CommandCall call={call} />;
    case "edit":
      return <EditCall call={call} />;
    case "todos":
      return <TodoCall call={call} />;
    case "line":
      return <LineCall call={call} />;
  }
}
