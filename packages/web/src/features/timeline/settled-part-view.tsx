"use client";

import type { SettledPart } from "@background-agents/shared/sessions/part";
import { toToolCall } from "../../lib/describe-tool.ts";
import { Markdown } from "../../ui/markdown.tsx";
import { Reasoning } from "./reasoning.tsx";
import { ToolView } from "./tool-view.tsx";

export function SettledPartView({ part }: { part: SettledPart }) {
  if (part.tool) return <ToolView partId={part.partId} call={toToolCall(part.tool)} />;
  const text = part.text ?? "";
  if (text.trim() === "") return null;
  if (part.kind === "reasoning") return <Reasoning text={text} durationMs={part.durationMs ?? null} live={false} />;
  return (
    <div className="py-1.5" data-part="text">
      <Markdown text={text} />
    </div>
  );
}
