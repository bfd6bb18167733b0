"use client";

import type { OpenPart } from "@background-agents/shared/sessions/part";
import { useOpenPart } from "../../api/use-timeline.ts";
import { toToolCall } from "../../lib/describe-tool.ts";
import { Markdown } from "../../ui/markdown.tsx";
import { Reasoning } from "./reasoning.tsx";
import { ToolView } from "./tool-view.tsx";

/** A part that still grows; it alone renders when its text does. */
export function OpenPartView({ part: first }: { part: OpenPart }) {
  const part = useOpenPart(first.partId) ?? first;
  if (part.tool) return <ToolView partId={part.partId} call={toToolCall(part.tool)} />;
  if (part.kind === "reasoning") return <Reasoning text={part.text} durationMs={null} live />;
  return (
    <div className="py-1.5" data-part="text" data-open>
      <Markdown text={part.text} streaming />
    </div>
  );
}
