"use client";

import type { SessionId } from "@background-agents/shared/ids";
import { useSearchParams } from "next/navigation";
import { useEffect } from "react";
import { LiveSessionProvider, useSession } from "../../../api/use-session.tsx";
import { Asking } from "../../../features/asking/asking.tsx";
import { ChangesPanel } from "../../../features/changes/changes-panel.tsx";
import { Composer } from "../../../features/composer/composer.tsx";
import { Inspector, type InspectorTab } from "../../../features/session/inspector.tsx";
import { LogsPanel } from "../../../features/session/logs-panel.tsx";
import { UnlessMissing } from "../../../features/session/missing-session.tsx";
import { RoomLinks } from "../../../features/session/room-links.tsx";
import { SessionHeader } from "../../../features/session/session-header.tsx";
import { SessionShell } from "../../../features/session/session-shell.tsx";
import { useMarkSeen } from "../../../features/session/use-mark-seen.ts";
import { Timeline } from "../../../features/timeline/timeline.tsx";
import { useMediaQuery } from "../../../ui/use-media-query.ts";

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
  const requested = useSearchParams().get("view");
  const narrow = !useMediaQuery("(min-width: 1120px)");
  const title = useSession((state) => state.session?.title);
  const files = useSession((state) => state.session?.changes?.files);
  useMarkSeen();
  useEffect(() => {
    if (title) document.title = `${title} · Background Agents`;
  }, [title]);
  const tabs: InspectorTab[] = [
    { id: "changes", label: "Changes", content: <ChangesPanel />, ...(files ? { note: files } : {}) },
    { id: "logs", label: "Logs", content: <LogsPanel /> },
  ];
  const room = narrow ? (tabs.find(({ id }) => id === requested)?.id ?? null) : null;
  return (
    <SessionShell
      view={room ? "inspector" : "conversation"}
      header={(panel) => (
        <>
          <SessionHeader panel={panel} />
          {narrow && <RoomLinks tabs={tabs} room={room} />}
        </>
      )}
      conversation={
        <>
          <Timeline />
          <Asking />
          <Composer />
        </>
      }
      inspector={<Inspector tabs={tabs} only={room} />}
    />
  );
}
