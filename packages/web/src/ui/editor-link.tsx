import { ExternalLink } from "lucide-react";
import { CopyButton } from "./copy-button.tsx";

/** Where an editor takes a directory from a page. */
export function editorAddress(path: string): string {
  return `vscode://file${path.split("/").map(encodeURIComponent).join("/")}`;
}

/** A path on this machine that was named before: to open in the editor, or to copy. */
export function EditorLink({ path }: { path: string }) {
  return (
    <span className="inline-flex items-center gap-x-1.5">
      <a
        href={editorAddress(path)}
        className="inline-flex items-center gap-1 text-accent underline-offset-2 hover:underline"
      >
        Open in editor
        <ExternalLink size={12} aria-hidden />
      </a>
      <CopyButton text={path} label="Copy path" />
    </span>
  );
}
