import { ExternalLink } from "lucide-react";
import { CopyButton } from "./copy-button.tsx";

/** Where an editor takes a directory from a page. */
export function editorAddress(path: string): string {
  return `vscode://file${path.split("/").map(encodeURIComponent).join("/")}`;
}

/** A path on this machine: to open in the editor, or to copy. */
export function EditorLink({ path }: { path: string }) {
  return (
    <span className="inline-flex max-w-full flex-wrap items-center gap-x-2">
      <code className="min-w-0 text-code break-all text-ink">{path}</code>
      <CopyButton text={path} label="Copy path" className="-ml-1.5" />
      <a
        href={editorAddress(path)}
        className="inline-flex items-center gap-1 text-accent underline-offset-2 hover:underline"
      >
        Open in editor
        <ExternalLink size={12} aria-hidden />
      </a>
    </span>
  );
}
