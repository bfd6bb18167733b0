"use client";

import { CopyButton } from "./copy-button.tsx";
import { CodeLine } from "./code-line.tsx";
import { useHighlighted } from "./use-highlighted.ts";

const LANGUAGE_ALIASES: Record<string, string> = {
  js: "javascript",
  ts: "typescript",
  py: "python",
  rb: "ruby",
  rs: "rust",
  sh: "shellscript",
  bash: "shellscript",
  zsh: "shellscript",
  shell: "shellscript",
  console: "shellscript",
  yml: "yaml",
  md: "markdown",
  "c++": "cpp",
  golang: "go",
};

/** A block of code in the agent's text. */
export function CodeBlock({ code, language }: { code: string; language: string | null }) {
  const name = language?.toLowerCase() ?? null;
  const lines = useHighlighted(code, name && (LANGUAGE_ALIASES[name] ?? name));
  return (
    <div className="group/code relative max-w-full rounded-lg border bg-sunk">
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- scrolls sideways, so the keyboard must reach it */}
      <pre tabIndex={0} className="code-block scroll-quiet overflow-x-auto px-3 py-2.5">
        <code>
          {code.split("\n").map((line, at) => (
            // oxlint-disable-next-line react/no-array-index-key -- a line's place is what it is
            <span key={at} className="block min-h-[19px]">
              <CodeLine text={line} tokens={lines?.[at]} />
            </span>
          ))}
        </code>
      </pre>
      <CopyButton
        text={code}
        label="Copy code"
        className="absolute top-1.5 right-1.5 bg-sunk opacity-0 group-focus-within/code:opacity-100 group-hover/code:opacity-100"
      />
    </div>
  );
}
