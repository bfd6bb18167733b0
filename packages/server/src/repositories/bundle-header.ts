import { open } from "node:fs/promises";
import { AppError } from "../lib/app-error.ts";

export interface BundleHeader {
  /** Commits the receiver must have already. */
  prerequisites: string[];
  refs: { name: string; commit: string }[];
  /** Where the pack begins in the file. */
  packOffset: number;
  /** Objects that the pack says it holds. */
  objectCount: number;
}

const HEADER_BYTES = 64 * 1024;
const PACK_HEADER_BYTES = 12;

/**
 * Reads the head of a git bundle (version 2 or 3, SHA-1), as git's bundle format describes it. Its writer is not trusted:
 * whatever is not exactly that shape, or has a head over 64 kB, is `checkpoint.refused`.
 */
export async function readBundleHeader(path: string): Promise<BundleHeader> {
  const file = await open(path, "r");
  try {
    const buffer = Buffer.alloc(HEADER_BYTES + PACK_HEADER_BYTES);
    const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
    return parseBundleHeader(buffer.subarray(0, bytesRead));
  } finally {
    await file.close();
  }
}

/** The pure part of `readBundleHeader`: `head` is the beginning of the bundle. */
export function parseBundleHeader(head: Buffer): BundleHeader {
  const end = head.indexOf("\n\n");
  if (end < 0 || end > HEADER_BYTES) throw refused("its head is not that of a git bundle, or too long");
  const [signature, ...lines] = head.subarray(0, end).toString("utf8").split("\n");
  if (signature !== "# v2 git bundle" && signature !== "# v3 git bundle") throw refused("it is not a git bundle");

  const prerequisites: string[] = [];
  const refs: BundleHeader["refs"] = [];
  for (const line of lines) {
    if (line === "@object-format=sha1" && signature === "# v3 git bundle") continue;
    const prerequisite = /^-([0-9a-f]{40})(?: |$)/.exec(line)?.[1];
    const ref = /^([0-9a-f]{40}) (\S+)$/.exec(line);
    if (prerequisite) prerequisites.push(prerequisite);
    else if (ref?.[1] && ref[2]) refs.push({ commit: ref[1], name: ref[2] });
    else throw refused("its head has a line that is not understood");
  }

  const pack = head.subarray(end + 2, end + 2 + PACK_HEADER_BYTES);
  if (pack.length < PACK_HEADER_BYTES || pack.toString("latin1", 0, 4) !== "PACK") throw refused("it carries no pack");
  return { prerequisites, refs, packOffset: end + 2, objectCount: pack.readUInt32BE(8) };
}

function refused(why: string): AppError {
  return new AppError("checkpoint.refused", `The bundle was refused: ${why}.`);
}
