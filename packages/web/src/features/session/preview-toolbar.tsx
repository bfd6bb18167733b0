"use client";

import type { ListeningPort } from "@background-agents/shared/sessions/listening-port";
import { ExternalLink, RotateCw } from "lucide-react";
import { useState } from "react";
import { Button } from "../../ui/button.tsx";
import { SelectField } from "../../ui/select-field.tsx";

/** Which port is shown, at which path. */
export function PreviewToolbar({
  ports,
  port,
  listens,
  path,
  address,
  onChoose,
  onGo,
  onReload,
}: {
  ports: readonly ListeningPort[];
  port: number;
  listens: boolean;
  path: string;
  /** Where the shown page is; null until that is known. */
  address: string | null;
  onChoose: (port: number) => void;
  onGo: (path: string) => void;
  onReload: () => void;
}) {
  const [draft, setDraft] = useState(path);
  const listed = listens ? ports : [{ port, command: null }, ...ports];
  return (
    <form
      className="flex shrink-0 items-center gap-1.5 border-b px-3 py-1.5"
      onSubmit={(event) => {
        event.preventDefault();
        const next = pathOf(draft);
        setDraft(next);
        onGo(next);
      }}
    >
      <SelectField
        label="Port"
        className="h-7 max-w-[45%] shrink-0"
        value={String(port)}
        options={listed.map((one) => ({ value: String(one.port), label: describe(one) }))}
        onChange={(next) => onChoose(Number(next))}
      />
      <input
        aria-label="Path"
        value={draft}
        spellCheck={false}
        autoCapitalize="none"
        onChange={(event) => setDraft(event.target.value)}
        className="text-code h-7 min-w-0 flex-1 rounded-md border border-line-strong bg-paper px-2 max-md:text-[16px]"
      />
      <Button look="quiet" size="icon" aria-label="Reload the preview" title="Reload" onClick={onReload}>
        <RotateCw size={14} aria-hidden />
      </Button>
      {address && (
        <a
          href={address}
          target="_blank"
          rel="noopener noreferrer"
          aria-label="Open in a tab of its own"
          title="Open in a tab of its own"
          className="inline-flex size-7 shrink-0 items-center justify-center rounded-md text-ink-2 hover:bg-hover hover:text-ink"
        >
          <ExternalLink size={14} aria-hidden />
        </a>
      )}
    </form>
  );
}

/**
 * What of the typed words is a path; a whole address may be pasted, with or without its `http://`. Never more than one
 * slash stands before it, and nothing that a browser takes for one: what begins with two is another site's address.
 */
function pathOf(typed: string): string {
  const plain = typed.replaceAll(/[\t\r\n]/g, "").trim();
  const path = plain.replace(/^(https?:[\\/]{2}[^\\/?#]*|[\w.-]+:\d+(?=[\\/?#]|$))/i, "");
  return `/${path.replace(/^[\\/]+/, "")}`;
}

/** The port, and by what it is held in a few words: the program without its place, and without long options. */
function describe({ port, command }: ListeningPort): string {
  const words = command?.replace(/^\S*\//, "").split(" ") ?? [];
  const name = words.filter((word) => !word.startsWith("--")).join(" ");
  return name === "" ? String(port) : `${port} · ${name.slice(0, 60)}`;
}
