"use client";

import type { SessionId } from "@background-agents/shared/ids";
import type { ChangedFile } from "@background-agents/shared/sessions/session";
import { useQueryClient } from "@tanstack/react-query";
import { type listChanges, markViewed } from "../../api/reviews-client.ts";
import { messageOf } from "../../lib/app-error.ts";
import { showError } from "../../ui/toast.tsx";

type Changes = Awaited<ReturnType<typeof listChanges>>;

/** Marks a file as viewed, at once in every list that has it with this content; taken back where the server refuses. */
export function useMarkViewed(sessionId: SessionId): (file: ChangedFile, viewed: boolean) => void {
  const queries = useQueryClient();

  function show({ path, newBlob }: ChangedFile, viewed: boolean): void {
    queries.setQueriesData<Changes>({ queryKey: ["session", sessionId, "changes"] }, (known) =>
      known?.files
        ? {
            ...known,
            files: known.files.map((one) => (one.path === path && one.newBlob === newBlob ? { ...one, viewed } : one)),
          }
        : known,
    );
  }

  return (file, viewed) => {
    show(file, viewed);
    markViewed(sessionId, { path: file.path, blob: file.newBlob, viewed }).catch((error: unknown) => {
      show(file, !viewed);
      showError(messageOf(error));
    });
  };
}
