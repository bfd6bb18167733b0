import { existsSync } from "node:fs";
import type { SessionId } from "@background-agents/shared/ids";
import type { Session } from "@background-agents/shared/sessions/session";
import { AppError } from "../lib/app-error.ts";
import type { Git } from "../lib/git-process.ts";
import { readContent } from "../repositories/object-content.ts";
import type { Redactor } from "../secrets/redact.ts";
import { readObjects } from "./read-objects.ts";

const MAX_BLOB_BYTES = 1_048_576;
const SCAN_TIMEOUT_MS = 120_000;

export type SecretScan = ReturnType<typeof createSecretScan>;

/** Which commits leave: all of them, with what they hold in between, or the last one's tree alone. */
export interface ScanOrder {
  commit: string;
  treeOnly?: boolean | undefined;
}

/**
 * Stops work that contains the value of a secret before it leaves the sandbox's quarantine: in what its commits added to
 * the session's base (contents up to 1 MiB, paths, messages), in each shape that the redactor knows. Nothing waives it.
 */
export function createSecretScan(deps: {
  git: Git;
  quarantine: { path(id: SessionId): string };
  redactorOf: (sessionId: SessionId) => Redactor;
}) {
  const { git, quarantine } = deps;
  const clean = new Map<SessionId, { key: string; redactor: Redactor }>();

  async function checkMessages(place: { gitDir: string; range: string[] }, redactor: Redactor): Promise<void> {
    const args = ["log", "-z", "--format=%H%n%an%n%ae%n%B", "--end-of-options", ...place.range];
    const { stdout } = await git.run(args, { gitDir: place.gitDir, timeoutMs: SCAN_TIMEOUT_MS });
    for (const entry of stdout.split("\0")) {
      const found = redactor.find(entry);
      if (found) throw contains(found.name, `the message of commit ${entry.trim().slice(0, 10)}`);
    }
  }

  /** The base had it there already: the work did not bring it. */
  async function isOld(place: { gitDir: string; commit: string }, path: string, redactor: Redactor): Promise<boolean> {
    try {
      const { bytes } = await readContent(git, place, { path, maxBytes: MAX_BLOB_BYTES });
      return redactor.find(bytes.toString("utf8")) !== undefined;
    } catch (error) {
      if (error instanceof AppError && error.code === "file.not-found") return false;
      throw error;
    }
  }

  return {
    /** Throws `work.contains-secret`, which names the secret, the file and the line. */
    async requireNone(session: Session, { commit, treeOnly = false }: ScanOrder): Promise<void> {
      const redactor = deps.redactorOf(session.id);
      const gitDir = quarantine.path(session.id);
      const { baseCommit: base } = session;
      const key = `${base}..${commit} ${treeOnly}`;
      const known = clean.get(session.id);
      if (redactor.isEmpty || !existsSync(gitDir) || (known?.key === key && known.redactor === redactor)) return;

      const range = [treeOnly ? `${commit}^{tree}` : commit, `^${base}`];
      if (!treeOnly) await checkMessages({ gitDir, range }, redactor);
      const limits = { maxBytes: MAX_BLOB_BYTES, timeoutMs: SCAN_TIMEOUT_MS };
      for await (const { path, bytes } of readObjects(git, { gitDir, range }, limits)) {
        const named = redactor.find(path);
        if (named) throw contains(named.name, "the name of a file");
        const text = bytes.toString("utf8");
        const found = redactor.find(text);
        if (!found || (await isOld({ gitDir, commit: base }, path, redactor))) continue;
        const line = text.slice(0, found.index).split("\n").length;
        throw contains(found.name, `${path}, line ${line}`, { file: path, line });
      }
      clean.set(session.id, { key, redactor });
    },

    /** The same for words that leave with the work. */
    requireNoneIn(sessionId: SessionId, text: string, what: string): void {
      const found = deps.redactorOf(sessionId).find(text);
      if (found) throw contains(found.name, what);
    },
  };
}

function contains(secret: string, where: string, details: { file?: string; line?: number } = {}): AppError {
  const advice =
    "Have the agent take it out, of every commit; a value that is no secret can be removed from the secrets or renamed there.";
  return new AppError(
    "work.contains-secret",
    `The work holds the value of the secret ${secret} (${where}), so it is not brought out of the sandbox.`,
    { details: { secret, ...details, advice } },
  );
}
