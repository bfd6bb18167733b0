import { randomUUID } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { CheckpointId } from "@background-agents/shared/ids";
import { fetchBundle } from "../workspace/fetch-bundle.ts";
import type { Git } from "../workspace/git-process.ts";
import type { HubClient } from "./hub-client.ts";

export interface Received {
  what: "bundle" | "conversation" | "files";
  checkpointId?: CheckpointId;
}

/** Gets from the server what it keeps of the session; what arrives waits in `inbox` until it is used. */
export function createReceiver(deps: { hub: Pick<HubClient, "get">; inbox: string }) {
  /** Answers undefined where the server has nothing. */
  async function receive<T>({ what, checkpointId }: Received, use: (file: string) => Promise<T>) {
    const file = join(deps.inbox, `${what}-${randomUUID()}`);
    await mkdir(deps.inbox, { recursive: true });
    try {
      const query = checkpointId ? `?checkpoint=${checkpointId}` : "";
      return (await deps.hub.get(`/restore/${what}${query}`, file)) ? await use(file) : undefined;
    } finally {
      await rm(file, { force: true });
    }
  }

  return {
    receive,
    /** Sees to it that the tree's objects have a checkpoint's commit. Rejects where the server does not have it. */
    async receiveCommit(git: Git, { checkpointId, commit }: { checkpointId: CheckpointId | null; commit: string }) {
      const known = await git(["cat-file", "-e", `${commit}^{commit}`], { allowExit: [1, 128] });
      if (known.exitCode === 0) return;
      if (checkpointId === null) throw new Error(`The commit ${commit.slice(0, 12)} is not in the mirror`);
      const ref = `refs/checkpoints/${checkpointId}`;
      const wanted = { what: "bundle" as const, checkpointId };
      const got = await receive(wanted, (file) => fetchBundle(git, file, { ref, commit }).then(() => true));
      if (!got) throw new Error(`The server has no bundle for ${commit.slice(0, 12)}, the checkpoint ${checkpointId}`);
    },
  };
}

export type Receiver = ReturnType<typeof createReceiver>;
