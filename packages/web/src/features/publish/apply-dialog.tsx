"use client";

import type { ProposalAnswer } from "@background-agents/shared/protocol/publish-commands";
import { z } from "zod";
import { closeSessionDialog } from "../../api/session-dialog.ts";
import { DialogForm } from "../../ui/dialog-form.tsx";
import { ExecutedWarning } from "../../ui/executed-warning.tsx";
import { RadioList } from "../../ui/radio-list.tsx";
import { useLocal } from "../../ui/use-local.ts";
import { useProposal } from "./use-proposal.ts";
import { useStartJob } from "./use-start-job.ts";

const HOW = z.enum(["commits", "squash", "patch"]);

/** Brings the work onto the branch that the user has checked out. */
export function ApplyDialog() {
  const { proposal, loadProblem, waiting, executed, read, setRead, unread, acknowledged } = useProposal();
  const { start, starting, problem } = useStartJob();
  const [how, setHow] = useLocal("apply.how", HOW, "squash");
  const obstacle = proposal ? obstacleOf(proposal.userTree, how) : null;
  const branch = proposal?.userTree.branch;
  return (
    <DialogForm
      title="Apply to my branch"
      lead="In your own work tree, as if you had done it there. No hooks run, nothing is signed."
      act={starting ? "Starting…" : "Apply"}
      disabled={starting || unread || proposal === undefined || obstacle !== null}
      problem={problem ?? loadProblem}
      waiting={waiting}
      onClose={closeSessionDialog}
      onAct={() => start({ kind: "apply", body: { how, ...acknowledged } })}
    >
      {proposal && (
        <p className="min-w-0">
          <span className="text-ink-2">Onto </span>
          <span className="font-medium">{branch ?? "no branch (a detached commit)"}</span>
          <span className="text-ink-2"> in </span>
          <code className="text-code break-all">{proposal.userTree.path}</code>
        </p>
      )}
      {obstacle && <p className="rounded-lg bg-need-soft px-3.5 py-2.5 text-need">{obstacle}</p>}
      <RadioList
        label="As"
        name="how"
        value={how}
        onChange={setHow}
        options={[
          { value: "squash", label: "One commit", detail: "With the session’s title, in your name." },
          { value: "commits", label: "Its commits", detail: "Each as the agent made it, in order." },
          { value: "patch", label: "Changes only", detail: "Uncommitted, for you to go over and commit." },
        ]}
      />
      <ExecutedWarning files={executed} checked={read} onChange={setRead} />
    </DialogForm>
  );
}

function obstacleOf({ branch, clean }: ProposalAnswer["userTree"], how: z.infer<typeof HOW>): string | null {
  if (!clean) return "Your work tree has changes that are not committed. Commit or stash them, then apply.";
  if (branch === null && how !== "patch")
    return "No branch is checked out there. Check one out, or apply the changes only.";
  return null;
}
