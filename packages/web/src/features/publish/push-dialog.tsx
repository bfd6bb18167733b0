"use client";

import { useState } from "react";
import { closeSessionDialog, useSessionDialog } from "../../api/session-dialog.ts";
import { DialogForm, FormField } from "../../ui/dialog-form.tsx";
import { ExecutedWarning } from "../../ui/executed-warning.tsx";
import { TextField } from "../../ui/text-field.tsx";
import { RemoteField } from "./remote-field.tsx";
import { useProposal } from "./use-proposal.ts";
import { useStartJob } from "./use-start-job.ts";

/** Sends the work to a remote, by the server and with the user's own credentials. */
export function PushDialog() {
  const { proposal, loadProblem, waiting, executed, read, setRead, unread, acknowledged } = useProposal();
  const { start, starting, problem } = useStartJob();
  const [chosenRemote, setRemote] = useState<string | null>(null);
  const [chosenBranch, setBranch] = useState<string | null>(null);
  const wanted = useSessionDialog(({ dialog }) => (dialog?.kind === "push" ? dialog.remote : undefined));
  const remote = chosenRemote ?? wanted ?? proposal?.remote ?? null;
  const branch =
    chosenBranch ?? proposal?.remotes.find(({ name }) => name === remote)?.branch ?? proposal?.branch ?? "";
  const noRemote = proposal !== undefined && proposal.remotes.length === 0;
  return (
    <DialogForm
      title="Push"
      lead="With your own git and keys; the agent sees neither."
      act={starting ? "Starting…" : "Push"}
      disabled={starting || waiting !== null || unread || remote === null || branch.trim() === ""}
      problem={problem ?? loadProblem}
      waiting={waiting}
      onClose={closeSessionDialog}
      onAct={() => start({ kind: "push", body: { remote: remote ?? "", branch: branch.trim(), ...acknowledged } })}
    >
      {noRemote ? (
        <p className="text-need">
          The repository has no remote. Add one in it with <code className="text-code">git remote add origin …</code>,
          then come back.
        </p>
      ) : (
        <>
          <RemoteField remotes={proposal?.remotes ?? []} remote={remote} onChange={setRemote} />
          <FormField label="Branch there" hint="Never forced over somebody else’s commits; never the base branch.">
            <TextField
              className="font-mono text-code"
              value={branch}
              maxLength={200}
              onChange={(event) => setBranch(event.target.value)}
            />
          </FormField>
        </>
      )}
      <ExecutedWarning files={executed} checked={read} onChange={setRead} />
    </DialogForm>
  );
}
