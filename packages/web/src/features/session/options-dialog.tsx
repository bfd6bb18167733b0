"use client";

import { useState } from "react";
import { closeSessionDialog, useSessionDialog } from "../../api/session-dialog.ts";
import { updateSession } from "../../api/sessions-client.ts";
import { useSession } from "../../api/use-session.tsx";
import { messageOf } from "../../lib/app-error.ts";
import { DialogForm } from "../../ui/dialog-form.tsx";
import { SessionOptionFields, type SessionOptions } from "../../ui/session-options.tsx";

/** How this session is run from here on. */
export function OptionsDialog() {
  const isOpen = useSessionDialog((state) => state.dialog?.kind === "options");
  return isOpen ? <Form /> : null;
}

function Form() {
  const session = useSession((state) => state.session);
  const [change, setChange] = useState<Partial<SessionOptions>>({});
  const [saving, setSaving] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  if (!session) return null;
  const { id, permissionMode, publishMode, agentPush } = session;

  function save(): void {
    setSaving(true);
    updateSession(id, change).then(closeSessionDialog, (error: unknown) => {
      setProblem(messageOf(error));
      setSaving(false);
    });
  }

  return (
    <DialogForm
      title="Options of the session"
      act={saving ? "Saving…" : "Save"}
      disabled={saving || Object.keys(change).length === 0}
      problem={problem}
      onClose={closeSessionDialog}
      onAct={save}
    >
      <SessionOptionFields
        options={{ permissionMode, publishMode, agentPush, ...change }}
        onChange={(more) => setChange({ ...change, ...more })}
      />
      {change.permissionMode && (
        <p className="text-xs text-ink-2">How freely the agent works changes with its next turn.</p>
      )}
    </DialogForm>
  );
}
