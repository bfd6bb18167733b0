import { timeOfId } from "@background-agents/shared/ids";
import type { ReportBody, SandboxSpec } from "@background-agents/shared/protocol/supervisor-frames";
import type { BootPhase } from "@background-agents/shared/sessions/session";
import type { Git } from "../workspace/git-process.ts";
import type { Receiver } from "./receive-checkpoint.ts";

export interface RestoreWorkDeps {
  restore: NonNullable<SandboxSpec["restore"]>;
  receiver: Receiver;
  /** Puts an exported conversation into OpenCode and answers its session. */
  importConversation: (file: string) => Promise<string>;
  report: (body: ReportBody) => void;
  log: (phase: BootPhase, text: string) => void;
}

/**
 * Makes lost volumes anew from the session's last checkpoint: the tree's commit and the conversation, each by itself. The
 * volumes of a fork begin in the same way, and nothing was lost then.
 */
export function createRestoreWork(deps: RestoreWorkDeps) {
  const { restore, receiver, report, log } = deps;
  const { checkpointId, commit } = restore;
  const from = `the checkpoint of ${new Date(timeOfId(checkpointId)).toISOString().slice(0, 16).replace("T", " ")} UTC`;
  const rebuilt: string[] = [];

  return {
    /** Brings the checkpoint's commit into a new clone. Rejects where that cannot be had: never silently the base. */
    async bringCommit(git: Git): Promise<string> {
      log("clone", `${restore.forked ? "Making" : "Rebuilding"} the working tree from ${from}\n`);
      // Beginning at the base instead would take the user's branch back: better no sandbox than that.
      await receiver.receiveCommit(git, { checkpointId, commit });
      rebuilt.push("the working tree");
      return commit;
    },
    /** Brings the conversation and answers OpenCode's session; undefined, with a notice, where it cannot be had. */
    async bringConversation(): Promise<string | undefined> {
      if (restore.conversation === false) return undefined;
      log("agent", `Bringing back the conversation from ${from}\n`);
      let reason = "it was not kept";
      try {
        const session = await receiver.receive({ what: "conversation", checkpointId }, deps.importConversation);
        if (session !== undefined) {
          rebuilt.push("the conversation");
          return session;
        }
      } catch (error) {
        reason = error instanceof Error ? error.message : String(error);
      }
      const message = `The conversation could not be brought back from ${from}, the agent begins a new one: ${reason}`;
      report({ kind: "notice", level: "warning", code: "sandbox.conversation-lost", message });
      return undefined;
    },
    /** Tells the user what was made anew, if anything was. */
    tell(): void {
      if (rebuilt.length === 0 || restore.forked) return;
      const message = `The sandbox's volumes were lost: ${rebuilt.join(" and ")} came back from ${from}.`;
      report({ kind: "notice", level: "warning", code: "sandbox.rebuilt", message });
    },
  };
}

export type RestoreWork = ReturnType<typeof createRestoreWork>;
