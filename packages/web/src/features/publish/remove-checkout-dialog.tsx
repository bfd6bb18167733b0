"use client";

import { closeSessionDialog } from "../../api/session-dialog.ts";
import { useSession } from "../../api/use-session.tsx";
import { DialogForm } from "../../ui/dialog-form.tsx";
import { useStartJob } from "./use-start-job.ts";

/** Removes the work tree that "check out" made; what the session did is on its branch. */
export function RemoveCheckoutDialog() {
  const { start, starting, problem } = useStartJob();
  const checkout = useSession((state) => state.session?.checkout ?? null);
  const branch = useSession((state) => state.session?.branch ?? "");
  return (
    <DialogForm
      title="Remove the work tree"
      lead="The branch stays in your repository. Where you changed or added files in the work tree, it is left as it is."
      act={starting ? "Removing…" : "Remove"}
      disabled={starting || checkout === null}
      problem={problem ?? (checkout === null ? "There is no work tree any more." : null)}
      onClose={closeSessionDialog}
      onAct={() => start({ kind: "remove-checkout", body: {} })}
    >
      {checkout && (
        <p className="min-w-0">
          <code className="text-code break-all">{checkout.path}</code>
          <span className="block pt-1 text-xs text-ink-2">
            What git ignores in it (such as node_modules, or a .env of your own) goes with it.{" "}
            <code className="break-all">{branch}</code> stays.
          </span>
        </p>
      )}
    </DialogForm>
  );
}
