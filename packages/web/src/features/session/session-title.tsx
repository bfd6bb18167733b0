"use client";

import type { Session } from "@background-agents/shared/sessions/session";
import { updateSession } from "../../api/sessions-client.ts";
import { messageOf } from "../../lib/app-error.ts";
import { showError } from "../../ui/toast.tsx";

/** The title, editable in place. */
export function SessionTitle({
  session,
  editing,
  onEdit,
}: {
  session: Session;
  editing: boolean;
  onEdit: (editing: boolean) => void;
}) {
  if (!editing) {
    return (
      <h1 className="min-w-0 shrink truncate text-prose font-semibold tracking-[-0.01em]" title={session.title}>
        <button type="button" className="max-w-full truncate text-left align-middle" onClick={() => onEdit(true)}>
          {session.title}
        </button>
      </h1>
    );
  }
  return (
    <form
      className="min-w-0 flex-1"
      onSubmit={(event) => {
        event.preventDefault();
        const title = event.currentTarget.querySelector("input")?.value.trim() ?? "";
        onEdit(false);
        if (title === "" || title === session.title) return;
        updateSession(session.id, { title }).catch((error: unknown) => showError(messageOf(error)));
      }}
    >
      <input
        name="title"
        autoFocus
        aria-label="Title"
        maxLength={200}
        defaultValue={session.title}
        onFocus={(event) => event.target.select()}
        onBlur={(event) => event.target.form?.requestSubmit()}
        onKeyDown={(event) => {
          if (event.key === "Escape") onEdit(false);
        }}
        className="h-7 w-full rounded-md border border-accent bg-raise px-2 text-prose font-semibold"
      />
    </form>
  );
}
