import { copyFile, stat, utimes } from "node:fs/promises";

/**
 * Copies an index of git's, with its time: a file that changed in the second in which git wrote the index, and kept its
 * length, is found only by that time. Under a later one git takes such a file for unchanged. Rejects where none is there.
 */
export async function copyIndex(from: string, to: string): Promise<void> {
  // Taken before the copy, and rounded down: too early a time only makes git read a few files more.
  const second = Math.floor((await stat(from)).mtimeMs / 1000);
  await copyFile(from, to);
  await utimes(to, second, second);
}
