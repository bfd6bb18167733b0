import type { ExecutedFile } from "@background-agents/shared/protocol/publish-commands";
import { TriangleAlert } from "lucide-react";
import { CheckField } from "./radio-list.tsx";

/** Files in the work that tools on the user's machine or in CI run, to be looked at before they leave the sandbox. */
export function ExecutedWarning({
  files,
  checked,
  onChange,
}: {
  files: readonly ExecutedFile[];
  checked: boolean;
  onChange: (checked: boolean) => void;
}) {
  if (files.length === 0) return null;
  return (
    <section aria-label="Files that tools execute" className="rounded-lg bg-need-soft px-3.5 py-2.5">
      <p className="flex items-center gap-2 font-medium text-need">
        <TriangleAlert size={14} aria-hidden />
        The work changes files that tools execute
      </p>
      <ul className="scroll-quiet max-h-40 overflow-y-auto py-1.5">
        {files.map(({ path, executedBy }) => (
          <li key={path}>
            <code className="mr-1 text-code break-all">{path}</code> <span className="text-ink-2">{executedBy}</span>
          </li>
        ))}
      </ul>
      <CheckField checked={checked} onChange={onChange}>
        I have read them
      </CheckField>
    </section>
  );
}
