"use client";

import type { SettledPart } from "@background-agents/shared/sessions/part";
import type { PartEntry } from "@background-agents/shared/sessions/timeline";
import { toToolCall } from "../../lib/describe-tool.ts";
import { Markdown } from "../../ui/markdown.tsx";
import { Reasoning } from "./reasoning.tsx";
import { ToolView } from "./tool-view.tsx";

export function SettledPartView({ part, childEntries }: { part: SettledPart; childEntries: PartEntry[] }) {
  if (part.tool) return <ToolView call={toToolCall(part.tool)} childEntries={childEntries} />;
  const text = part.text ?? "";
  if (text.trim() === "") return null;
  if (part.kind === "reasoning") return <Reasoning text={text} durationMs={part.durationMs ?? null} live={false} />;
  return (
    <div className="py-1.5" data-part="text">
      <Markdown text={text} />
    </div>
  );
}
