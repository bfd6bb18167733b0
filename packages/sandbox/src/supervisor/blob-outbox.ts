import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { HubClient } from "./hub-client.ts";
import type { Blob } from "./large-output.ts";

export interface BlobOutboxDeps {
  directory: string;
  hub: HubClient;
  onError: (error: unknown) => void;
}

/** Blobs on their way to the server: on disk first, uploaded one after the other, those of an earlier run included. */
export async function openBlobOutbox({ directory, hub, onError }: BlobOutboxDeps) {
  await mkdir(directory, { recursive: true });
  let queue: Promise<void> = Promise.resolve();

  async function upload(hash: string): Promise<void> {
    const file = join(directory, hash);
    try {
      await hub.put(`/blob/${hash}`, { file });
    } catch (error) {
      onError(error);
    }
    await rm(file, { force: true });
  }

  for (const name of await readdir(directory)) {
    if (/^[0-9a-f]{64}$/.test(name)) queue = queue.then(() => upload(name));
  }
  return {
    /** Keeps a blob and uploads it in the background; resolves when it is on disk. */
    async add({ hash, content }: Blob): Promise<void> {
      const temporary = join(directory, `${hash}.new`);
      await writeFile(temporary, content);
      await rename(temporary, join(directory, hash));
      queue = queue.then(() => upload(hash));
    },
  };
}

export type BlobOutbox = Awaited<ReturnType<typeof openBlobOutbox>>;
