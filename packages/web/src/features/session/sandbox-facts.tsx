"use client";

import type { Session } from "@background-agents/shared/sessions/session";
import { useQuery } from "@tanstack/react-query";
import { diskQuery } from "../../api/queries.ts";
import { formatBytes } from "../../lib/format.ts";
import { NETWORK_WORDS } from "../../lib/network-words.ts";
import { stopWords } from "../../lib/stop-words.ts";
import { areMany, FoldedNames, NameList } from "../../ui/name-list.tsx";
import { PHASE_WORDS } from "./phase-words.ts";

/** How the sandbox stands, and what the session takes on the disk. */
export function SandboxFacts({ session }: { session: Session }) {
  const { id, sandbox, copiedFiles, secretNames } = session;
  const disk = useQuery(diskQuery).data?.sessions.find(({ sessionId }) => sessionId === id);
  const stopped = sandbox.status === "stopped" && sandbox.reason;
  return (
    <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 border-b px-4 py-3">
      <dt className="text-ink-3">Sandbox</dt>
      <dd>{stopped ? `${stopWords(sandbox.reason ?? "")} The next prompt starts it again.` : stateWords(sandbox)}</dd>
      {sandbox.reason && !stopped && (
        <>
          <dt className="text-ink-3">Reason</dt>
          <dd className={sandbox.status === "failed" ? "text-fail" : ""}>{sandbox.reason}</dd>
        </>
      )}
      {disk && (
        <>
          <dt className="text-ink-3">Disk</dt>
          <dd>
            {disk.workspaceBytes !== null && `${formatBytes(disk.workspaceBytes)} working tree and caches, `}
            {formatBytes(disk.checkpointBytes)} checkpoints
          </dd>
        </>
      )}
      <dt className="text-ink-3">Network</dt>
      <dd>
        {NETWORK_WORDS[session.networkMode]}
        {session.allowedHosts.length > 0 && (
          <>
            , and <Several names={session.allowedHosts} what="hosts" />
          </>
        )}
      </dd>
      {secretNames.length > 0 && (
        <>
          <dt className="text-ink-3">Secrets</dt>
          <dd className="break-words">
            <Several names={secretNames} what="secrets" note=" · the agent can read them" />
          </dd>
        </>
      )}
      {copiedFiles.length > 0 && (
        <>
          <dt className="text-ink-3">Copied in</dt>
          <dd className="break-words">
            <Several names={copiedFiles} what="files" note=" · the agent can read what was copied" />
          </dd>
        </>
      )}
    </dl>
  );
}

/** Names, or how many there are with the names one click deeper. */
function Several({ names, what, note }: { names: readonly string[]; what: string; note?: string }) {
  return (
    <>
      {areMany(names) ? `${names.length} ${what}` : <NameList names={names} />}
      {note && <span className="text-ink-3">{note}</span>}
      {areMany(names) && <FoldedNames names={names} />}
    </>
  );
}

function stateWords({ status, phase }: Session["sandbox"]): string {
  if (status === "booting" && phase) return `booting: ${PHASE_WORDS[phase]}`;
  if (status === "none") return "none yet: the first prompt starts it";
  return status === "queued" ? "waits for a place" : status;
}
