import type { Session } from "@background-agents/shared/sessions/session";
import { isBranchName } from "../repositories/ref-name.ts";

export type GitCredentials = "broker" | "mount" | "none";

export type PushDecision = { refused: string } | { ask: boolean };

/**
 * Pure: whether the agent may push to `branch`. Whatever runs in the container can ask; only these lines decide.
 *
 * | credentials | branch                         | agentPush | decision |
 * |-------------|--------------------------------|-----------|----------|
 * | none, mount | any                            | any       | refused  |
 * | broker      | not one of the session's own   | any       | refused  |
 * | broker      | its own                        | never     | refused  |
 * | broker      | its own                        | ask, auto | ask, do  |
 */
export function decidePush(
  session: Pick<Session, "branch" | "baseBranch" | "agentPush">,
  request: { branch: string; ownBranches: string[] },
  credentials: GitCredentials,
): PushDecision {
  const off = refusalByCredentials("git push", credentials);
  if (off) return { refused: off };
  const { branch } = request;
  if (!request.ownBranches.includes(branch) || branch === session.baseBranch) {
    const what = isBranchName(branch) ? branch : JSON.stringify(branch);
    const why = branch === session.baseBranch ? `${what} is the user's own` : `${what} is not one of them`;
    return {
      refused:
        `This sandbox may push only to ${session.branch}; ${why}. ` +
        `To push this work: git push origin HEAD:${session.branch}`,
    };
  }
  return decideByPolicy(session, "push");
}

/** Pure: whether the agent may open a pull request for its branch. */
export function decidePullRequest(session: Pick<Session, "agentPush">, credentials: GitCredentials): PushDecision {
  const off = refusalByCredentials("gh", credentials);
  return off ? { refused: off } : decideByPolicy(session, "open pull requests");
}

export function refusalByCredentials(command: string, credentials: GitCredentials): string | undefined {
  switch (credentials) {
    case "broker":
      return undefined;
    case "none":
      return `${command} is switched off on this machine (GIT_CREDENTIALS=none). The work reaches the user without it.`;
    case "mount":
      return `${command} does not go by the server here (GIT_CREDENTIALS=mount): the remote's own address is in the clone.`;
  }
}

function decideByPolicy(session: Pick<Session, "agentPush">, what: string): PushDecision {
  if (session.agentPush !== "never") return { ask: session.agentPush === "ask" };
  return {
    refused: `The user does not let this session ${what}. The work reaches them without it; they can push it themselves.`,
  };
}
