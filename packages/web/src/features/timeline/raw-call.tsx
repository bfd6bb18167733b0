import type { ToolCall } from "../../lib/describe-tool.ts";
import { cleanTerminalText } from "../../lib/terminal-text.ts";

/** A call's input and output as they were. */
export function RawCall({ call, open = false }: { call: ToolCall; open?: boolean }) {
  return (
    <details open={open} className="py-1">
      <summary className="w-max text-xs text-ink-3 hover:text-ink">Input and output</summary>
      <Raw label="Input" text={JSON.stringify(call.input, null, 2)} />
      {call.error && <Raw label="Error" text={call.error} />}
      {call.output && <Raw label="Output" text={cleanTerminalText(call.output)} />}
    </details>
  );
}

function Raw({ label, text }: { label: string; text: string }) {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- scrolls, so the keyboard must reach it
    <pre
      tabIndex={0}
      aria-label={label}
      className="code-block scroll-quiet mt-1.5 max-h-72 overflow-auto rounded-lg bg-sunk px-3 py-2 whitespace-pre-wrap text-ink-2"
    >
      {text.trimEnd()}
    </pre>
  );
}
