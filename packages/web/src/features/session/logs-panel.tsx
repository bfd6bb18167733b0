"use client";

import { useSession } from "../../api/use-session.tsx";
import { TerminalText } from "../../ui/terminal-spans.tsx";
import { PHASE_WORDS } from "./phase-words.ts";
import { SandboxFacts } from "./sandbox-facts.tsx";
import { SandboxHistory } from "./sandbox-history.tsx";
import { SetupSection } from "./setup-section.tsx";
import { StartSandbox } from "./start-sandbox.tsx";

/** What the sandbox said while it started, and how it stands. */
export function LogsPanel() {
  const session = useSession((state) => state.session);
  const log = useSession((state) => state.bootLog);
  if (!session) return null;
  const { logTail } = session.sandbox;
  return (
    <div className="scroll-quiet flex min-h-0 flex-1 flex-col overflow-y-auto">
      <SandboxFacts session={session} />
      <StartSandbox session={session} />
      <SetupSection session={session} />
      {log.map(({ phase, text }, at) => (
        // oxlint-disable-next-line react/no-array-index-key -- phases are only ever added at the end
        <LogSection key={at} title={PHASE_WORDS[phase]} text={text} />
      ))}
      {logTail && <LogSection title="Last lines" text={logTail} />}
      <SandboxHistory />
    </div>
  );
}

function LogSection({ title, text }: { title: string; text: string }) {
  return (
    <section className="px-4 pt-3 pb-2">
      <h3 className="pb-1 text-2xs font-medium tracking-wide text-ink-3">{title}</h3>
      <pre className="code-block break-words whitespace-pre-wrap text-ink-2">
        <TerminalText text={text} />
      </pre>
    </section>
  );
}
