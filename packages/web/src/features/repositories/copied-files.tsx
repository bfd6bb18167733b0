"use client";

import type { Repository } from "@background-agents/shared/repositories/repository";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { ChevronRight } from "lucide-react";
import { useState } from "react";
import { copiedFilesQuery } from "../../api/publish-queries.ts";
import { updateRepository } from "../../api/repositories-client.ts";
import { messageOf } from "../../lib/app-error.ts";
import { cn } from "../../lib/class-names.ts";
import { formatBytes, plural } from "../../lib/format.ts";
import { Button } from "../../ui/button.tsx";
import { Waiting } from "../../ui/waiting.tsx";
import { parsePatterns } from "./parse-patterns.ts";

/** Which ignored files of the user's work tree go into each new sandbox of a repository. */
export function CopiedFiles({ repository }: { repository: Repository }) {
  const [open, setOpen] = useState(false);
  const { data } = useQuery({ ...copiedFilesQuery(repository.id), retry: false });
  return (
    <div className="pt-0.5">
      <button
        type="button"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
        className="-ml-1 flex items-center gap-1 rounded-sm px-1 py-0.5 text-xs text-ink-3 hover:text-ink"
      >
        <ChevronRight size={12} aria-hidden className={cn("transition-transform duration-120", open && "rotate-90")} />
        Copied into sandboxes: {data && data.files.length > 0 ? plural(data.files.length, "ignored file") : "nothing"}
      </button>
      {open && <Editor repository={repository} />}
    </div>
  );
}

function Editor({ repository }: { repository: Repository }) {
  const queries = useQueryClient();
  const { data, error } = useQuery({ ...copiedFilesQuery(repository.id), retry: false });
  const [text, setText] = useState<string | null>(null);
  const [saving, setSaving] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  if (error) return <p className="py-1.5 text-fail">{messageOf(error)}</p>;
  if (!data) return <Waiting words="Looking…" className="py-1.5" />;
  const shown = text ?? data.copyPatterns.join("\n");

  async function save(): Promise<void> {
    setSaving(true);
    setProblem(null);
    try {
      await updateRepository(repository.id, { copyPatterns: parsePatterns(shown) });
      await queries.invalidateQueries(copiedFilesQuery(repository.id));
      setText(null);
    } catch (failure) {
      setProblem(messageOf(failure));
    } finally {
      setSaving(false);
    }
  }

  return (
    <div className="grid gap-x-6 gap-y-3 py-2 md:grid-cols-2">
      <div className="flex min-w-0 flex-col gap-1.5">
        <label className="flex flex-col gap-1.5">
          <span className="text-ink-2">Patterns, one a line, as in .gitignore</span>
          <textarea
            value={shown}
            rows={4}
            spellCheck={false}
            placeholder={".env\nconfig/*.local.json"}
            onChange={(event) => setText(event.target.value)}
            className="scroll-quiet resize-none rounded-md border border-line-strong bg-paper px-2.5 py-1.5 font-mono text-code [field-sizing:content] focus:border-accent max-md:text-[16px]"
          />
        </label>
        <p className="text-xs text-ink-3">
          What is copied can be read by the agent. Rather keep secrets out, and give it values made for tests.
        </p>
        {problem && (
          <p role="alert" className="text-fail">
            {problem}
          </p>
        )}
        {text !== null && (
          <div className="flex gap-2">
            <Button disabled={saving} onClick={() => void save()}>
              {saving ? "Saving…" : "Save"}
            </Button>
            <Button look="quiet" disabled={saving} onClick={() => setText(null)}>
              Discard
            </Button>
          </div>
        )}
      </div>
      <div className="min-w-0 text-xs">
        <p className="pb-1 text-ink-2">
          {data.files.length > 0 ? "A session made now gets" : "A session made now gets none of the ignored files."}
        </p>
        <ul className="scroll-quiet max-h-40 overflow-y-auto">
          {data.files.map(({ path, bytes }) => (
            <li key={path} className="flex gap-3">
              <code className="min-w-0 flex-1 truncate" title={path}>
                {path}
              </code>
              <span className="text-ink-3">{formatBytes(bytes)}</span>
            </li>
          ))}
        </ul>
        {data.includeFile.length > 0 && (
          <p className="pt-1.5 break-words text-ink-3">
            By <code>.worktreeinclude</code> too: {data.includeFile.join(", ")}
          </p>
        )}
        {data.leftOut.length > 0 && (
          <>
            <p className="pt-2 pb-1 text-need">Left out</p>
            <ul>
              {data.leftOut.map(({ path, reason }) => (
                <li key={path} className="break-words">
                  <code className="break-all">{path}</code> <span className="text-ink-3">{reason}</span>
                </li>
              ))}
            </ul>
          </>
        )}
      </div>
    </div>
  );
}
