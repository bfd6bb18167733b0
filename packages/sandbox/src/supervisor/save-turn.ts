import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { type CheckpointId, newId, type PromptId, type TurnId } from "@background-agents/shared/ids";
import { BundleAnswer, type SandboxSpec } from "@background-agents/shared/protocol/supervisor-frames";
import { bundleWork } from "../workspace/bundle-work.ts";
import { commitLeftovers } from "../workspace/commit-leftovers.ts";
import type { Git } from "../workspace/git-process.ts";
import { markSaved, readSaved } from "../workspace/saved-commit.ts";
import type { HubClient } from "./hub-client.ts";

export interface SaveTurnDeps {
  spec: SandboxSpec;
  tree: string;
  git: Git;
  hub: HubClient;
  /** Where bundles wait for their upload. */
  outbox: string;
  exportConversation: () => Promise<string>;
  onNotice: (notice: { level: "info" | "warning"; code: string; message: string }) => void;
}

export interface SavedTurn {
  promptId: PromptId;
  turnId: TurnId;
  promptText: string;
}

export type SaveResult = { checkpointId: CheckpointId } | { saveError: string };

/**
 * Brings a turn's work to the server: leftovers committed, commits since the base as a bundle, then the conversation.
 * What fails stays in the workspace and comes with the next turn.
 */
export function createTurnSaver({ spec, tree, git, hub, outbox, exportConversation, onNotice }: SaveTurnDeps) {
  async function uploadWork(turn: SavedTurn, checkpointId: CheckpointId): Promise<void> {
    const { commit, notices } = await commitLeftovers({
      tree,
      git,
      branch: spec.branch,
      base: spec.baseCommit,
      identity: spec.identity,
      sessionId: spec.sessionId,
      promptText: turn.promptText,
      limitBytes: spec.limits.checkpointBytes,
      isTold: true,
    });
    for (const notice of notices) onNotice({ level: "warning", ...notice });
    const known = await readSaved(git);
    try {
      await upload(turn, checkpointId, { commit, known });
    } catch (error) {
      if (known === undefined || known === spec.baseCommit) throw error;
      // The server may have lost what it once had: everything since the base needs nothing of that.
      await upload(turn, checkpointId, { commit, known: undefined });
    }
    await markSaved(git, commit);
  }

  /** Sends what the server does not have yet: a session's turns would else be sent again with each that follows. */
  async function upload(
    turn: SavedTurn,
    checkpointId: CheckpointId,
    { commit, known }: { commit: string; known: string | undefined },
  ): Promise<void> {
    const file = join(outbox, `${checkpointId}.bundle`);
    await mkdir(outbox, { recursive: true });
    try {
      const changed = await bundleWork(git, file, { base: spec.baseCommit, commit, known });
      const query = new URLSearchParams({ turn: turn.turnId, prompt: turn.promptId, commit });
      const answer = await hub.put(`/bundle/${checkpointId}?${query.toString()}`, changed ? { file } : { empty: true });
      const imported = BundleAnswer.parse(JSON.parse(answer));
      if (imported.commit !== commit) throw new Error(`The server imported ${imported.commit} instead of ${commit}`);
    } finally {
      await rm(file, { force: true });
    }
  }

  return async function save(turn: SavedTurn): Promise<SaveResult> {
    const checkpointId = newId("checkpoint");
    try {
      await uploadWork(turn, checkpointId);
    } catch (error) {
      return { saveError: (error instanceof Error ? error.message : String(error)).slice(0, 4000) };
    }
    try {
      await hub.put(`/conversation/${checkpointId}`, { text: await exportConversation() });
    } catch (error) {
      onNotice({
        level: "warning",
        code: "checkpoint.conversation",
        message: `The conversation was not saved: ${String(error)}`,
      });
    }
    return { checkpointId };
  };
}

export type TurnSaver = ReturnType<typeof createTurnSaver>;
