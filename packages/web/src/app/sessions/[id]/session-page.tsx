"use client";

import type { SessionId } from "@background-agents/shared/ids";
import Link from "next/link";
import { useSearchParams } from "next/navigation";
import { useEffect } from "react";
import { LiveSessionProvider, useSession } from "../../../api/use-session.tsx";
import { ChangesPanel } from "../../../features/changes/changes-panel.tsx";
import { Composer } from "../../../features/composer/composer.tsx";
import { Inspector } from "../../../features/session/inspector.tsx";
import { LogsPanel } from "../../../features/session/logs-panel.tsx";
import { UnlessMissing } from "../../../features/session/missing-session.tsx";
import { SessionHeader } from "../../../features/session/session-header.tsx";
import { SessionShell } from "../../../features/session/session-shell.tsx";
import { useMarkSeen } from "../../../features/session/use-mark-seen.ts";
import { Timeline } from "../../../features/timeline/timeline.tsx";
import { cn } from "../../../lib/class-names.ts";

export function SessionPage({ sessionId }: { sessionId: SessionId }) {
  return (
    <LiveSessionProvider sessionId={sessionId}>
      <UnlessMissing>
        <Session />
      </UnlessMissing>
    </LiveSessionProvider>
  );
}

function Session() {
  const view = useSearchParams().get("view") === "changes" ? "inspector" : "conversation";
  const title = useSession((state) => state.session?.title);
  const files = useSession((state) => state.session?.changes?.files);
  useMarkSeen();
  useEffect(() => {
    if (title) document.title = `${title} · Background Agents`;
  }, [title]);
  return (
    <SessionShell
      view={view}
      header={(panel) => (
        <>
          <SessionHeader panel={panel} />
          <NarrowTabs view={view} files={files} />
        </>
      )}
      conversation={
        <>
          <Timeline />
          <Composer />
        </>
      }
      inspector={
        <Inspector
          tabs={[
            { id: "changes", label: "Changes", content: <ChangesPanel />, ...(files ? { note: files } : {}) },
            { id: "logs", label: "Logs", content: <LogsPanel /> },
          ]}
        />
      }
    />
  );
}

/** Where one pane is all there is room for, the panes are pages. */
function NarrowTabs({ view, files }: { view: "conversation" | "inspector"; files: number | undefined }) {
  return (
    <nav aria-label="Panes" className="flex shrink-0 gap-5 border-b px-4 lg:hidden">
      <NarrowTab href="?" current={view === "conversation"}>
        Conversation
      </NarrowTab>
      <NarrowTab href="?view=changes" current={view === "inspector"}>
        Changes {files ? <span className="text-2xs text-ink-3">{files}</span> : null}
      </NarrowTab>
    </nav>
  );
}

function NarrowTab({ href, current, children }: { href: string; current: boolean; children: React.ReactNode }) {
  return (
    <Link
      href={href}
      aria-current={current ? "page" : undefined}
      className={cn("-mb-px border-b-2 py-2", current ? "border-ink font-medium" : "border-transparent text-ink-2")}
    >
      {children}
    </Link>
  );
}
