"use client";

import type { Repository } from "@background-agents/shared/repositories/repository";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { repositoriesQuery } from "../../api/queries.ts";
import { registerRepository } from "../../api/repositories-client.ts";
import { messageOf } from "../../lib/app-error.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";

const LOOKS_LIKE_URL = /^(?:https?|ssh|git):\/\/|^[\w.-]+@[\w.-]+:/;

/** Registers a repository by its path on this machine, or clones one from an address. */
export function RegisterDialog({
  open,
  onClose,
  onRegistered,
}: {
  open: boolean;
  onClose: () => void;
  onRegistered?: (repository: Repository) => void;
}) {
  const queries = useQueryClient();
  const [place, setPlace] = useState("");
  const [working, setWorking] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const isUrl = LOOKS_LIKE_URL.test(place.trim());

  async function register(): Promise<void> {
    setWorking(true);
    setProblem(null);
    try {
      const repository = await registerRepository(isUrl ? { url: place.trim() } : { path: place.trim() });
      await queries.invalidateQueries(repositoriesQuery);
      onRegistered?.(repository);
      setPlace("");
      onClose();
    } catch (error) {
      setProblem(messageOf(error));
    } finally {
      setWorking(false);
    }
  }

  return (
    <Dialog open={open} onClose={onClose} label="Add a repository" className="p-5">
      <form
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          void register();
        }}
      >
        <h2 className="text-title font-semibold">Add a repository</h2>
        <label className="flex flex-col gap-1.5">
          <span className="text-ink-2">A path on this machine, or an address to clone (https or ssh)</span>
          <input
            autoFocus
            value={place}
            onChange={(event) => {
              setPlace(event.target.value);
              setProblem(null);
            }}
            placeholder="~/work/project or https://example.org/team/project.git"
            spellCheck={false}
            autoCapitalize="off"
            className="h-8 rounded-md border border-line-strong bg-paper px-2.5 font-mono text-code focus:border-accent max-md:text-[16px]"
          />
        </label>
        {problem && (
          <p role="alert" className="text-fail">
            {problem}
          </p>
        )}
        <div className="flex justify-end gap-2">
          <Button look="quiet" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" look="primary" disabled={place.trim() === "" || working}>
            {buttonWords(isUrl, working)}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function buttonWords(isUrl: boolean, working: boolean): string {
  if (isUrl) return working ? "Cloning…" : "Clone";
  return working ? "Adding…" : "Add";
}
