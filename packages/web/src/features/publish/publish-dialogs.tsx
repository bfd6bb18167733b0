"use client";

import { useEffect } from "react";
import { closeSessionDialog, useSessionDialog } from "../../api/session-dialog.ts";
import { ApplyDialog } from "./apply-dialog.tsx";
import { CheckoutDialog } from "./checkout-dialog.tsx";
import { PullRequestDialog } from "./pull-request-dialog.tsx";
import { PushDialog } from "./push-dialog.tsx";
import { RemoveCheckoutDialog } from "./remove-checkout-dialog.tsx";
import { RenameBranchDialog } from "./rename-branch-dialog.tsx";

/** The ways out of a session that ask something first. */
export function PublishDialogs() {
  const kind = useSessionDialog((state) => state.dialog?.kind);
  useEffect(() => closeSessionDialog, []);
  switch (kind) {
    case "push":
      return <PushDialog />;
    case "pull-request":
      return <PullRequestDialog />;
    case "checkout":
      return <CheckoutDialog />;
    case "remove-checkout":
      return <RemoveCheckoutDialog />;
    case "apply":
      return <ApplyDialog />;
    case "rename-branch":
      return <RenameBranchDialog />;
    default:
      return null;
  }
}
