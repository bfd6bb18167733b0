import { CONTAINER_PATHS } from "@background-agents/shared/protocol/supervisor-frames";
import type { Session } from "@background-agents/shared/sessions/session";

const NAMED = 20;

/** A rebase brings commit after commit: what it stops at is known for the whole only. */
const REBASE_HINT = { merge: [], rebase: ["", "A rebase may stop at each of them more than once, and at others."] };

/** Pure: what the agent is asked where the base branch cannot be merged without a decision. */
export function composeUpdatePrompt(order: {
  session: Pick<Session, "baseBranch" | "branch">;
  tip: string;
  behind: number;
  conflicts: readonly string[];
  how: "merge" | "rebase";
}): string {
  const { session, tip, behind, conflicts, how } = order;
  const { baseBranch, branch } = session;
  const named = conflicts.slice(0, NAMED).map((path) => `- ${path}`);
  const more = conflicts.length > NAMED ? [`- and ${conflicts.length - NAMED} more`] : [];
  return [
    `Bring this branch up to date: ${baseBranch} has ${behind} new ${behind === 1 ? "commit" : "commits"}, up to ${tip.slice(0, 12)}.`,
    "",
    `1. git fetch ${CONTAINER_PATHS.mirror} ${baseBranch}`,
    how === "merge" ? `2. git merge ${tip}` : `2. git rebase ${tip}`,
    "3. Resolve the conflicts so that both sides keep what they mean to do; take no side blindly.",
    `4. Run the project's checks and tests, and finish with everything committed on ${branch}.`,
    ...(named.length > 0 ? ["", "A merge stops at these files:", ...named, ...more, ...REBASE_HINT[how]] : []),
  ].join("\n");
}
