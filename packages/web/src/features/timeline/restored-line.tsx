"use client";

import type { RestoredEntry } from "@background-agents/shared/sessions/timeline";
import { GitMerge, History, Undo2 } from "lucide-react";
import { useRevert } from "../../api/use-revert.ts";
import { plural } from "../../lib/format.ts";

const ICONS = { revert: History, discard: Undo2, "base-update": GitMerge };
const NAMED_PATHS = 3;

/** `Reverted to turn 2 · Undo`: the user brought the work to another state. */
export function RestoredLine({ restored }: { restored: RestoredEntry }) {
  const { revert, obstacle, reverting } = useRevert();
  const Icon = ICONS[restored.reason];
  const { previousCheckpointId, checkpointId } = restored;
  const canUndo = restored.isLast && previousCheckpointId !== checkpointId;
  return (
    <p className="flex gap-2.5 py-1 text-ink-2">
      <Icon size={15} className="mt-0.5 shrink-0 text-ink-3" aria-hidden />
      <span className="min-w-0 break-words">
        <Words restored={restored} />
        {canUndo && (
          <>
            {" · "}
            <button
              type="button"
              disabled={obstacle !== null || reverting}
              title={obstacle ?? undefined}
              onClick={() => revert(previousCheckpointId, null)}
              className="text-accent underline-offset-2 not-disabled:hover:underline disabled:text-ink-3"
            >
              {reverting ? "Undoing…" : "Undo"}
            </button>
          </>
        )}
      </span>
    </p>
  );
}

/** A discard and the restoring of a file as an earlier step left it are one event: both take back what came since. */
function Words({ restored }: { restored: RestoredEntry }) {
  const { reason, turn, paths, base, undoes, conversation } = restored;
  if (undoes?.reason === "discard") {
    return (
      <>
        Brought the changes back in <Paths paths={undoes.paths} />
      </>
    );
  }
  if (undoes?.reason === "base-update") {
    return (
      <>
        Undid the update onto <Base base={undoes.base} />
      </>
    );
  }
  if (reason === "base-update") {
    return (
      <>
        Updated onto <Base base={base} />
      </>
    );
  }
  if (reason === "discard") {
    return (
      <>
        Took back changes in <Paths paths={paths} />
      </>
    );
  }
  return (
    <>
      Reverted to {turnWords(turn)}: {conversation ? "files and conversation" : "files"}
    </>
  );
}

function Base({ base }: Pick<RestoredEntry, "base">) {
  if (!base) return "the moved base";
  return (
    <>
      {base.branch} <code className="text-code">{base.commit.slice(0, 7)}</code>
    </>
  );
}

function Paths({ paths }: Pick<RestoredEntry, "paths">) {
  const rest = paths.length - NAMED_PATHS;
  return (
    <>
      {paths.slice(0, NAMED_PATHS).map((path, at) => (
        <span key={path}>
          {at > 0 && ", "}
          <code className="text-code break-all">{path}</code>
        </span>
      ))}
      {rest > 0 && ` and ${plural(rest, "more file")}`}
    </>
  );
}

function turnWords(turn: number | null): string {
  if (turn === null) return "an earlier state";
  return turn === 0 ? "the beginning" : `the end of turn ${turn}`;
}
