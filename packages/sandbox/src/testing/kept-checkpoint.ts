import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { SandboxSpec } from "@background-agents/shared/protocol/supervisor-frames";
import type { CheckpointId } from "@background-agents/shared/ids";
import { git } from "./sandbox-fixture.ts";
import type { Upload } from "./fake-hub.ts";

export interface KeptCheckpoint {
  restore: NonNullable<SandboxSpec["restore"]>;
  bundle: Buffer;
  conversation: Buffer | undefined;
}

/** Does with a checkpoint's uploads what the server does: imports the bundle, and makes another one to restore from. */
export function keepCheckpoint(
  place: { root: string; mirror: string; base: string },
  uploads: readonly Upload[],
  checkpointId: CheckpointId,
): KeptCheckpoint {
  const kept = join(place.root, "kept.git");
  const file = join(place.root, "kept.bundle");
  const ref = `refs/checkpoints/${checkpointId}`;
  const upload = uploads.find(({ path }) => path === `/bundle/${checkpointId}`);
  if (!upload) throw new Error(`no bundle for ${checkpointId}`);
  if (!existsSync(kept)) git(place.root, "clone", "-q", "--bare", place.mirror, kept);
  const commit = upload.query.get("commit") ?? "";
  // Each builds on what came before it.
  for (const { path, body } of uploads) {
    if (!path.startsWith("/bundle/") || body.length === 0) continue;
    writeFileSync(file, body);
    git(kept, "fetch", "-q", file, "refs/background-agents/head");
    if (path === upload.path) break;
  }
  git(kept, "update-ref", ref, commit);
  const isBase = commit === place.base;
  if (!isBase) git(kept, "bundle", "create", "-q", file, ref, `^${place.base}`);
  return {
    restore: { checkpointId, commit },
    bundle: isBase ? Buffer.alloc(0) : readFileSync(file),
    conversation: uploads.find(({ path }) => path === `/conversation/${checkpointId}`)?.body,
  };
}
