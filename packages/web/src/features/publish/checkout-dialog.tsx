"use client";

import { closeSessionDialog } from "../../api/session-dialog.ts";
import { useSession } from "../../api/use-session.tsx";
import { DialogForm } from "../../ui/dialog-form.tsx";
import { ExecutedWarning } from "../../ui/executed-warning.tsx";
import { useProposal } from "./use-proposal.ts";
import { useStartJob } from "./use-start-job.ts";

/** Makes a git work tree of the branch beside the repository, to look at and run by oneself. */
export function CheckoutDialog() {
  const { proposal, loadProblem, waiting, executed, read, setRead, unread, acknowledged } = useProposal();
  const { start, starting, problem } = useStartJob();
  const checkout = useSession((state) => state.session?.checkout ?? null);
  const path = checkout?.path ?? proposal?.checkoutPath;
  return (
    <DialogForm
      title={checkout ? "Update the work tree" : "Check out"}
      lead={
        checkout
          ? "The work tree follows to where the session is now, if you changed nothing in it."
          : "Makes a git work tree of the branch beside your repository. No hooks run."
      }
      act={starting ? "Starting…" : checkout ? "Update" : "Check out"}
      disabled={starting || unread || proposal === undefined}
      problem={problem ?? loadProblem}
      waiting={waiting}
      onClose={closeSessionDialog}
      onAct={() => start({ kind: "checkout", body: acknowledged })}
    >
      {path && (
        <p className="min-w-0">
          <span className="text-ink-2">In </span>
          <code className="text-code break-all">{path}</code>
        </p>
      )}
      <ExecutedWarning files={executed} checked={read} onChange={setRead} />
    </DialogForm>
  );
}
