import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { timeOfId } from "@background-agents/shared/ids";
import type { ReportBody, SandboxSpec } from "@background-agents/shared/protocol/supervisor-frames";
import type { BootPhase } from "@background-agents/shared/sessions/session";
import { fetchBundle } from "../workspace/fetch-bundle.ts";
import type { Git } from "../workspace/git-process.ts";
import type { HubClient } from "./hub-client.ts";

export interface RestoreWorkDeps {
  restore: NonNullable<SandboxSpec["restore"]>;
  baseCommit: string;
  hub: HubClient;
  /** Where what the server sends waits until it is used. */
  inbox: string;
  /** Puts an exported conversation into OpenCode and answers its session. */
  importConversation: (file: string) => Promise<string>;
  report: (body: ReportBody) => void;
  log: (phase: BootPhase, text: string) => void;
}

/** Makes lost volumes anew from the session's last checkpoint: the tree's commit and the conversation, each by itself. */
export function createRestoreWork(deps: RestoreWorkDeps) {
  const { restore, baseCommit, hub, inbox, report, log } = deps;
  const { checkpointId, commit } = restore;
  const from = `the checkpoint of ${new Date(timeOfId(checkpointId)).toISOString().slice(0, 16).replace("T", " ")} UTC`;
  const rebuilt: string[] = [];

  /** Answers undefined where the server has nothing. */
  async function withReceived<T>(what: "bundle" | "conversation", use: (file: string) => Promise<T>) {
    const file = join(inbox, what);
    await mkdir(inbox, { recursive: true });
    try {
      return (await hub.get(`/restore/${what}`, file)) ? await use(file) : undefined;
    } finally {
      await rm(file, { force: true });
    }
  }

  async function receiveCommit(git: Git): Promise<void> {
    const ref = `refs/checkpoints/${checkpointId}`;
    const received = await withReceived("bundle", (file) => fetchBundle(git, file, { ref, commit }).then(() => true));
    // Beginning at the base instead would take the user's branch back: better no sandbox than that.
    if (!received)
      throw new Error(`The server has no bundle for ${commit.slice(0, 12)}, the session's last checkpoint`);
  }

  return {
    /** Brings the checkpoint's commit into a new clone. Rejects where that cannot be had: never silently the base. */
    async bringCommit(git: Git): Promise<string> {
      log("clone", `Rebuilding the working tree from ${from}\n`);
      if (commit !== baseCommit) await receiveCommit(git);
      rebuilt.push("the working tree");
      return commit;
    },
    /** Brings the conversation and answers OpenCode's session; undefined, with a notice, where it cannot be had. */
    async bringConversation(): Promise<string | undefined> {
      log("agent", `Bringing back the conversation from ${from}\n`);
      let reason = "it was not kept";
      try {
        const session = await withReceived("conversation", deps.importConversation);
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
      if (rebuilt.length === 0) return;
      const message = `The sandbox's volumes were lost: ${rebuilt.join(" and ")} came back from ${from}.`;
      report({ kind: "notice", level: "warning", code: "sandbox.rebuilt", message });
    },
  };
}

export type RestoreWork = ReturnType<typeof createRestoreWork>;
