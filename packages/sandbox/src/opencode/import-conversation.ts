import { readFile } from "node:fs/promises";
import { z } from "zod";
import { runCommand } from "../lib/command-process.ts";

const Conversation = z.object({ info: z.object({ id: z.string() }) });

export interface ConversationImport {
  binary: string;
  /** The working tree: the session belongs to its project afterwards, wherever it was exported. */
  tree: string;
  env: Record<string, string>;
  /** What `opencode export` wrote. */
  file: string;
}

/**
 * Puts an exported conversation into OpenCode's database and answers its session id, which stays the same. A server
 * that runs on the same database sees it at once. Rejects with OpenCode's own last lines.
 */
export async function importConversation({ binary, tree, env, file }: ConversationImport): Promise<string> {
  const { id } = Conversation.parse(JSON.parse(await readFile(file, "utf8"))).info;
  const { exitCode, stdout, stderr } = await runCommand(binary, ["import", file], { cwd: tree, env });
  if (exitCode === 0 && stdout.includes(id)) return id;
  throw new Error(`opencode import failed (exit ${exitCode}): ${(stderr || stdout).trim().slice(-500)}`);
}
