"use client";

import type { Session } from "@background-agents/shared/sessions/session";
import { useQuery } from "@tanstack/react-query";
import { diskQuery } from "../../api/queries.ts";
import { formatBytes } from "../../lib/format.ts";
import { NETWORK_WORDS } from "../../lib/network-words.ts";
import { stopWords } from "../../lib/stop-words.ts";
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
            , and <Names names={session.allowedHosts} />
          </>
        )}
      </dd>
      {secretNames.length > 0 && (
        <>
          <dt className="text-ink-3">Secrets</dt>
          <dd className="break-words">
            <Names names={secretNames} />
            <span className="text-ink-3"> · the agent can read them</span>
          </dd>
        </>
      )}
      {copiedFiles.length > 0 && (
        <>
          <dt className="text-ink-3">Copied in</dt>
          <dd className="break-words">
            <Names names={copiedFiles} />
            <span className="text-ink-3"> · the agent can read what was copied</span>
          </dd>
        </>
      )}
    </dl>
  );
}

function Names({ names }: { names: readonly string[] }) {
  return names.map((name, at) => (
    <span key={name}>
      {at > 0 && ", "}
      <code className="text-code break-all">{name}</code>
    </span>
  ));
}

function stateWords({ status, phase }: Session["sandbox"]): string {
  if (status === "booting" && phase) return `booting: ${PHASE_WORDS[phase]}`;
  if (status === "none") return "none yet: the first prompt starts it";
  return status === "queued" ? "waits for a place" : status;
}
