"use client";

import { useQuery } from "@tanstack/react-query";
import { Bot, GitMerge } from "lucide-react";
import { useState } from "react";
import { baseQuery } from "../../api/publish-queries.ts";
import { updateBase } from "../../api/time-travel-client.ts";
import { useSession, useSessionStore } from "../../api/use-session.tsx";
import { messageOf } from "../../lib/app-error.ts";
import { plural } from "../../lib/format.ts";
import { Chip } from "../../ui/chip.tsx";
import { Menu, MenuItem, MenuNote, MenuSeparator } from "../../ui/menu.tsx";
import { showError, showToast } from "../../ui/toast.tsx";

const NAMED = 6;
const OUTCOME_WORDS = {
  merged: "Merged: the session stands on the newest base",
  "up-to-date": "It has all of the base already",
  "asked-agent": "The agent was asked to do it",
};

/** `12 behind`: how far the base has moved since, and the ways to follow it. Nothing where it has not. */
export function BaseChip() {
  const { sessionId } = useSessionStore();
  const session = useSession((state) => state.session);
  const [updating, setUpdating] = useState(false);
  const { data } = useQuery({
    ...baseQuery(sessionId, session?.lastCommit ?? null),
    enabled: session !== null,
    refetchOnWindowFocus: "always",
    placeholderData: (before) => before,
  });
  if (!session || !data || data.behind === 0) return null;
  const { branch, behind, conflicts } = data;
  const busy = session.status !== "idle" && session.status !== "failed";

  function update(how: "merge" | "rebase"): void {
    setUpdating(true);
    updateBase(sessionId, { how })
      .then(({ outcome }) => showToast({ text: OUTCOME_WORDS[outcome] }))
      .catch((error: unknown) => showError(messageOf(error)))
      .finally(() => setUpdating(false));
  }

  return (
    <Menu
      align="start"
      trigger={
        <Chip disabled={updating} aria-label={`${behind} behind ${branch}`} className="shrink-0">
          {updating ? "updating…" : `${behind} behind`}
        </Chip>
      }
    >
      <MenuNote>
        {branch} has {plural(behind, "commit")} that the session does not have.
        {conflicts.length > 0 && (
          <span className="block pt-1 text-need">
            A merge stops at {conflicts.slice(0, NAMED).join(", ")}
            {conflicts.length > NAMED && ` and ${conflicts.length - NAMED} more`}.
          </span>
        )}
      </MenuNote>
      <MenuSeparator />
      <MenuItem
        icon={conflicts.length > 0 ? <Bot size={14} /> : <GitMerge size={14} />}
        disabled={busy}
        detail={
          busy ? "After the turn" : conflicts.length > 0 ? "The agent is asked to solve the conflicts" : "At once"
        }
        onSelect={() => update("merge")}
      >
        Merge {branch} into the session
      </MenuItem>
      <MenuItem
        icon={<Bot size={14} />}
        disabled={busy}
        detail={busy ? "After the turn" : "By the agent, in a turn"}
        onSelect={() => update("rebase")}
      >
        Rebase onto {branch}
      </MenuItem>
    </Menu>
  );
}
