import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";

/** Bytes that a file or a directory with all below it takes on the disk; 0 for what is not there, links not followed. */
export async function measureDirectory(path: string): Promise<number> {
  try {
    const own = await lstat(path);
    let bytes = own.blocks * 512;
    if (!own.isDirectory()) return bytes;
    for (const name of await readdir(path)) bytes += await measureDirectory(join(path, name));
    return bytes;
  } catch (error) {
    // Removed while we looked.
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return 0;
    throw error;
  }
}
