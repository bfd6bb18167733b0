"use client";

import type { SessionId } from "@background-agents/shared/ids";
import { useRouter, useSearchParams } from "next/navigation";
import { useEffect } from "react";
import { useWish } from "../../../api/session-room.ts";
import { LiveSessionProvider, useSession } from "../../../api/use-session.tsx";
import { Asking } from "../../../features/asking/asking.tsx";
import { ChangesPanel } from "../../../features/changes/changes-panel.tsx";
import { Composer } from "../../../features/composer/composer.tsx";
import { Guards } from "../../../features/guards/guards.tsx";
import { PublishBar } from "../../../features/publish/publish-bar.tsx";
import { PublishDialogs } from "../../../features/publish/publish-dialogs.tsx";
import { PullRequestPanel } from "../../../features/pull-request/pull-request-panel.tsx";
import { DeletedBar } from "../../../features/session/deleted-bar.tsx";
import { Inspector, type InspectorTab } from "../../../features/session/inspector.tsx";
import { LogsPanel } from "../../../features/session/logs-panel.tsx";
import { UnlessMissing } from "../../../features/session/missing-session.tsx";
import { OptionsDialog } from "../../../features/session/options-dialog.tsx";
import { PreviewPanel } from "../../../features/session/preview-panel.tsx";
import { RoomLinks } from "../../../features/session/room-links.tsx";
import { SessionHeader } from "../../../features/session/session-header.tsx";
import { SessionShell } from "../../../features/session/session-shell.tsx";
import { useMarkSeen } from "../../../features/session/use-mark-seen.ts";
import { UsagePanel } from "../../../features/session/usage-panel.tsx";
import { BaseChip } from "../../../features/time-travel/base-chip.tsx";
import { ForkDialog } from "../../../features/time-travel/fork-dialog.tsx";
import { ForkedFrom } from "../../../features/time-travel/forked-from.tsx";
import { Timeline } from "../../../features/timeline/timeline.tsx";
import { portsNote } from "../../../lib/ports-note.ts";
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
  const router = useRouter();
  const requested = useSearchParams().get("view");
  const narrow = !useMediaQuery("(min-width: 1120px)");
  const title = useSession((state) => state.session?.title);
  const files = useSession((state) => state.live?.files ?? state.session?.changes?.files);
  const pullRequest = useSession((state) => state.session?.pullRequest?.number);
  const ports = useSession((state) => portsNote(state.ports));
  useMarkSeen();
  useEffect(() => {
    if (title) document.title = `${title} · Background Agents`;
  }, [title]);
  useWish(({ room }) => {
    if (narrow) router.push(`?view=${room}`);
  });
  const foot = <PublishBar aside={narrow ? <BaseChip /> : null} />;
  const tabs: InspectorTab[] = [
    { id: "changes", label: "Changes", content: <ChangesPanel />, foot, ...(files ? { note: files } : {}) },
    ...(pullRequest
      ? [{ id: "pull-request", label: "Pull request", content: <PullRequestPanel />, foot, note: `#${pullRequest}` }]
      : []),
    { id: "preview", label: "Preview", content: <PreviewPanel />, ...(ports === "" ? {} : { note: ports }) },
    { id: "logs", label: "Logs", content: <LogsPanel /> },
    { id: "usage", label: "Usage", content: <UsagePanel /> },
  ];
  const room = narrow ? (tabs.find(({ id }) => id === requested)?.id ?? null) : null;
  return (
    <>
      <SessionShell
        view={room ? "inspector" : "conversation"}
        header={(panel) => (
          <>
            <SessionHeader panel={panel} base={<BaseChip />} />
            <DeletedBar />
            {narrow && <RoomLinks tabs={tabs} room={room} />}
          </>
        )}
        conversation={
          <>
            <Timeline head={<ForkedFrom />} />
            <Guards />
            <Asking />
            <Composer />
          </>
        }
        inspector={<Inspector tabs={tabs} only={room} />}
      />
      <PublishDialogs />
      <ForkDialog />
      <OptionsDialog />
    </>
  );
}
