"use client";

import { shortcutLabel } from "../../lib/platform.ts";
import { Dialog } from "../../ui/dialog.tsx";

const SHORTCUTS: [string, [string[], string][]][] = [
  [
    "Everywhere",
    [
      [["mod+k"], "Command palette"],
      [["n"], "New session"],
      [["j", "k"], "Next, previous session"],
      [["/"], "Search sessions"],
      [["?"], "This list"],
    ],
  ],
  [
    "In a session",
    [
      [["[", "]"], "Previous, next turn"],
      [["1", "…", "9"], "Choose an answer to what the agent asks"],
      [["escape", "escape"], "Stop the agent"],
    ],
  ],
  [
    "In the changes",
    [
      [["n", "p"], "Next, previous file"],
      [["v"], "Mark the file as viewed"],
      [["x"], "Fold or unfold the file"],
      [["c"], "Comment on the line under the pointer"],
      [["t"], "Show or hide the list of files"],
      [["/"], "Filter the files"],
    ],
  ],
  [
    "In a text field",
    [
      [["mod+enter"], "Send, start or answer"],
      [["alt+enter"], "Steer the running turn"],
      [["escape"], "Leave the field"],
    ],
  ],
];

export function ShortcutSheet({ open, onClose }: { open: boolean; onClose: () => void }) {
  return (
    <Dialog open={open} onClose={onClose} label="Keyboard shortcuts" className="p-5">
      <h2 className="text-title font-semibold">Keyboard shortcuts</h2>
      {SHORTCUTS.map(([heading, rows]) => (
        <section key={heading} className="pt-4">
          <h3 className="pb-1 text-2xs font-medium tracking-wide text-ink-3">{heading}</h3>
          <dl>
            {rows.map(([keys, words]) => (
              <div key={words} className="flex items-baseline justify-between gap-4 border-b py-1.5 last:border-0">
                <dt className="text-ink-2">{words}</dt>
                <dd className="flex shrink-0 gap-1">
                  {keys.map((key, at) => (
                    // oxlint-disable-next-line react/no-array-index-key -- Esc stands twice
                    <kbd
                      key={at}
                      className="min-w-5 rounded-sm border border-line-strong px-1.5 text-center font-sans text-xs"
                    >
                      {shortcutLabel(key)}
                    </kbd>
                  ))}
                </dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </Dialog>
  );
}
