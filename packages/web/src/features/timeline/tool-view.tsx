"use client";

import { useContext } from "react";
import { lookOfTool, type ToolCall } from "../../lib/describe-tool.ts";
import { CommandCall } from "./command-call.tsx";
import { EditCall } from "./edit-call.tsx";
import { LineCall } from "./line-call.tsx";
import { NewestPlan } from "./newest-plan.ts";
import { TodoCall } from "./todo-call.tsx";

/** A tool call as what it did. */
export function ToolView({ partId, call }: { partId: string; call: ToolCall }) {
  const newestPlan = useContext(NewestPlan);
  switch (lookOfTool(call)) {
    case "asking":
      // The question itself stands in the timeline, with its answer.
      return null;
    case "command":
      return <CommandCall call={call} />;
    case "edit":
      return <EditCall call={call} />;
    case "todos":
      return <TodoCall call={call} replaced={newestPlan !== null && newestPlan !== partId} />;
    case "line":
      return <LineCall call={call} />;
  }
}
