import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import type { SandboxSpec } from "@background-agents/shared/protocol/supervisor-frames";
import type { BootPhase } from "@background-agents/shared/sessions/session";
import { z } from "zod";
import { type CopiedFile, copyFiles } from "../workspace/copy-files.ts";
import type { Receiver } from "./receive-checkpoint.ts";

const Line = z.object({ path: z.string(), mode: z.enum(["100644", "100755"]), content: z.base64() });

export interface BringFilesOrder {
  tree: string;
  spec: Pick<SandboxSpec, "copiesFiles">;
  receiver: Pick<Receiver, "receive">;
  log: (phase: BootPhase, text: string) => void;
}

async function* readFiles(file: string): AsyncGenerator<CopiedFile> {
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
    if (line === "") continue;
    const { path, mode, content } = Line.parse(JSON.parse(line));
    yield { path, executable: mode === "100755", content: Buffer.from(content, "base64") };
  }
}

/** Puts the ignored files that the user chose for the repository into a new tree, and tells which in the boot's log. */
export async function bringFiles({ tree, spec, receiver, log }: BringFilesOrder): Promise<void> {
  if (!spec.copiesFiles) return;
  const copied = await receiver.receive({ what: "files" }, (file) => copyFiles(tree, readFiles(file)));
  const { written, leftOut } = copied ?? { written: [], leftOut: [] };
  if (written.length > 0) log("clone", `Copied from your work tree: ${written.join(", ")}\n`);
  for (const { path, reason } of leftOut) log("clone", `Not copied from your work tree: ${path}, ${reason}\n`);
}
