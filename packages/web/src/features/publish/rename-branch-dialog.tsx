"use client";

import { BRANCH_PREFIX } from "@background-agents/shared/git/branch-name";
import { useState } from "react";
import { closeSessionDialog } from "../../api/session-dialog.ts";
import { useSession } from "../../api/use-session.tsx";
import { DialogForm, FormField } from "../../ui/dialog-form.tsx";
import { TextField } from "../../ui/text-field.tsx";
import { useStartJob } from "./use-start-job.ts";

/** Publishes under another name, where the first is in the way. */
export function RenameBranchDialog() {
  const branch = useSession((state) => state.session?.branch ?? "");
  const conflict = useSession((state) => state.session?.publishConflict ?? null);
  const { start, starting, problem } = useStartJob();
  const [name, setName] = useState(() => `${branch.slice(BRANCH_PREFIX.length)}-2`);
  const whole = BRANCH_PREFIX + name.trim();
  return (
    <DialogForm
      title="Publish under another name"
      lead={conflict ?? "The session keeps the new name from here on."}
      act={starting ? "Starting…" : "Publish"}
      disabled={starting || name.trim() === "" || whole === branch}
      problem={problem}
      onClose={closeSessionDialog}
      onAct={() => start({ kind: "publish", body: { branch: whole } })}
    >
      <FormField label="Branch in your repository" hint={`Always under ${BRANCH_PREFIX}; what is on the other stays.`}>
        <span className="flex items-center gap-1">
          <span className="font-mono text-code text-ink-3">{BRANCH_PREFIX}</span>
          <TextField
            autoFocus
            className="flex-1 font-mono text-code"
            value={name}
            maxLength={180}
            onChange={(event) => setName(event.target.value)}
          />
        </span>
      </FormField>
    </DialogForm>
  );
}
