"use client";

import type { ChangedFile } from "@background-agents/shared/sessions/session";
import { useQuery } from "@tanstack/react-query";
import dynamic from "next/dynamic";
import { type KeyboardEvent, useState } from "react";
import { z } from "zod";
import { changesQuery } from "../../api/review-queries.ts";
import { useSession, useSessionStore } from "../../api/use-session.tsx";
import { messageOf } from "../../lib/app-error.ts";
import { isTyping } from "../../lib/platform.ts";
import { Button } from "../../ui/button.tsx";
import { ChangeCounts } from "../../ui/change-counts.tsx";
import { Message } from "../../ui/message.tsx";
import { Segmented } from "../../ui/segmented.tsx";
import { useLocal } from "../../ui/use-local.ts";
import { useMediaQuery } from "../../ui/use-media-query.ts";
import { FileList } from "./file-list.tsx";
import { ScopePicker } from "./scope-picker.tsx";
import { useScopes } from "./use-scopes.ts";

const FileDiff = dynamic(async () => (await import("./file-diff.tsx")).FileDiff, { ssr: false });

const LAYOUTS = [
  { value: "unified", label: "Unified" },
  { value: "split", label: "Split" },
] as const;

/** What came out: the changed files, and the diff of one. */
export function ChangesPanel() {
  const { sessionId } = useSessionStore();
  const known = useSession((state) => state.session !== null);
  const hasCheckpoint = useSession((state) => (state.session?.lastCheckpointId ?? null) !== null);
  const working = useSession(
    (state) => state.session !== null && state.session.status !== "idle" && state.session.status !== "failed",
  );
  const { scopes, scope, setScope } = useScopes();
  const changes = useQuery({
    ...changesQuery(sessionId, scope.diff, ""),
    enabled: hasCheckpoint,
    placeholderData: (before) => before,
  });
  const roomForSplit = useMediaQuery("(min-width: 760px)");
  const [layout, setLayout] = useLocal("changes.layout", z.enum(["unified", "split"]), "unified");
  const [chosen, setChosen] = useState<string | null>(null);
  const files = changes.data?.files ?? [];
  const file = files.find(({ path }) => path === chosen) ?? files[0];

  function onKeyDown(event: KeyboardEvent): void {
    if (isTyping(event.target) || event.metaKey || event.ctrlKey || event.altKey) return;
    const by = event.key === "n" ? 1 : event.key === "p" ? -1 : 0;
    const next = by === 0 || !file ? undefined : files[files.indexOf(file) + by];
    if (by !== 0) event.preventDefault();
    if (next) setChosen(next.path);
  }

  if (!known) return null;
  if (!hasCheckpoint) return <NotSavedYet working={working} />;
  if (changes.isError) {
    return (
      <Message title="The changes could not be read">
        <p className="pb-3">{messageOf(changes.error)}</p>
        <Button onClick={() => void changes.refetch()}>Try again</Button>
      </Message>
    );
  }
  return (
    // oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- n and p step through the files in here
    <div className="flex min-h-0 flex-1 flex-col" onKeyDown={onKeyDown}>
      <div className="flex shrink-0 items-center gap-3 border-b px-4 py-1.5">
        <ScopePicker scopes={scopes} scope={scope} onPick={setScope} />
        {roomForSplit && <Segmented label="Layout of the diff" value={layout} onChange={setLayout} options={LAYOUTS} />}
        {changes.data && (
          <span className="ml-auto text-xs">
            <ChangeCounts {...changes.data.totals} />
          </span>
        )}
      </div>
      <Files files={files} loaded={changes.data !== undefined} file={file} onChoose={setChosen} />
      {file && <FileDiff key={file.path} file={file} scope={scope.diff} layout={roomForSplit ? layout : "unified"} />}
    </div>
  );
}

function Files({
  files,
  loaded,
  file,
  onChoose,
}: {
  files: readonly ChangedFile[];
  loaded: boolean;
  file: ChangedFile | undefined;
  onChoose: (path: string) => void;
}) {
  if (files.length > 0) return <FileList files={files} current={file?.path ?? null} onChoose={onChoose} />;
  if (!loaded) return null;
  return <Message title="No changes">Nothing differs from where this began.</Message>;
}

function NotSavedYet({ working }: { working: boolean }) {
  return (
    <Message title={working ? "Nothing saved yet" : "No changes yet"}>
      {working
        ? "The changes appear here when the turn ends and its work is saved."
        : "What the agent changes appears here after its turn."}
    </Message>
  );
}
