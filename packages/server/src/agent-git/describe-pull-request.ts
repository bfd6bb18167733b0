import type { Approval } from "@background-agents/shared/sessions/approval";
import type { Session } from "@background-agents/shared/sessions/session";
import type { PullRequestPlan } from "../pull-requests/pull-request-service.ts";
import { executedLines, plain, type DescribePushDeps } from "./describe-push.ts";

const TEXT_SHOWN = 7900;

/** What the user decides on: the same words and places that the pull request is opened with. */
export async function describePullRequest(
  deps: Pick<DescribePushDeps, "listChanges">,
  session: Session,
  plan: PullRequestPlan & { draft: boolean },
): Promise<Omit<Approval, "approvalId">> {
  const { title, body, draft, existing } = plan;
  const commit = session.push?.commit;
  const changes = commit === undefined ? [] : await deps.listChanges(session, { from: session.baseCommit, to: commit });
  const unseen = body.length - TEXT_SHOWN;
  return {
    action: "pull-request",
    summary: `open a ${draft ? "draft " : ""}pull request: ${plain(title)}`.slice(0, 500),
    details: [
      `title: ${plain(title)}`,
      `to: ${plain(plan.to)}`,
      `from: ${plain(plan.head)}${commit === undefined ? "" : ` (${commit.slice(0, 10)})`}`,
      `into: ${plain(plan.base)}`,
      `draft: ${draft ? "yes" : "no"}`,
      ...(existing === null ? [] : [`there already: #${existing}, which stays as it is`]),
      ...executedLines(changes),
      ...(unseen > 0 ? [`text goes on: for ${unseen} more characters`] : []),
      ...(body === "" ? [] : [`text: ${body.slice(0, TEXT_SHOWN)}`]),
    ],
  };
}
