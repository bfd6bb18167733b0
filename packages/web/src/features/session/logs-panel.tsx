"use client";

import { useSession } from "../../api/use-session.tsx";
import { cleanTerminalText } from "../../lib/terminal-text.ts";
import { SandboxHistory } from "./sandbox-history.tsx";

const PHASE_WORDS = { connect: "Container", clone: "Working tree", setup: "Set-up", agent: "Agent" };

/** What the sandbox said while it started, and how it stands. */
export function LogsPanel() {
  const sandbox = useSession((state) => state.session?.sandbox);
  const log = useSession((state) => state.bootLog);
  if (!sandbox) return null;
  return (
    <div className="scroll-quiet flex min-h-0 flex-1 flex-col overflow-y-auto">
      <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 border-b px-4 py-3">
        <dt className="text-ink-3">Sandbox</dt>
        <dd>
          {sandbox.phase && sandbox.status === "booting" ? `booting: ${PHASE_WORDS[sandbox.phase]}` : sandbox.status}
        </dd>
        {sandbox.reason && (
          <>
            <dt className="text-ink-3">Reason</dt>
            <dd className={sandbox.status === "failed" ? "text-fail" : ""}>{sandbox.reason}</dd>
          </>
        )}
      </dl>
      {log.map(({ phase, text }, at) => (
        // oxlint-disable-next-line react/no-array-index-key -- phases are only ever added at the end
        <LogSection key={at} title={PHASE_WORDS[phase]} text={text} />
      ))}
      {sandbox.logTail && <LogSection title="Last lines" text={sandbox.logTail} />}
      <SandboxHistory />
    </div>
  );
}

function LogSection({ title, text }: { title: string; text: string }) {
  return (
    <section className="px-4 pt-3 pb-2">
      <h3 className="pb-1 text-2xs font-medium tracking-wide text-ink-3">{title}</h3>
      <pre className="code-block break-words whitespace-pre-wrap text-ink-2">{cleanTerminalText(text).trimEnd()}</pre>
    </section>
  );
}
