"use client";

import { useSession } from "../../api/use-session.tsx";
import { countAsked } from "../../lib/count-asked.ts";
import { ApprovalCard } from "./approval-card.tsx";
import { PermissionCard } from "./permission-card.tsx";
import { QuestionCard } from "./question-card.tsx";

/** What the agent waits to hear, one thing at a time, between the conversation and the composer. */
export function Asking() {
  const asking = useSession((state) => state.session?.asking);
  if (!asking) return null;
  const count = countAsked(asking);
  if (count === 0) return null;
  const more = count > 1 ? ` · ${count - 1} more after this` : "";
  const [question] = asking.questions;
  const [permission] = asking.permissions;
  const [approval] = asking.approvals;
  return (
    <div className="shrink-0 px-3 pb-2 md:px-5">
      <div className="mx-auto max-w-[760px]">
        {question ? (
          <QuestionCard key={question.questionId} asked={question} more={more} />
        ) : permission ? (
          <PermissionCard key={permission.permissionId} asked={permission} more={more} />
        ) : (
          approval && <ApprovalCard key={approval.approvalId} asked={approval} more={more} />
        )}
      </div>
    </div>
  );
}
