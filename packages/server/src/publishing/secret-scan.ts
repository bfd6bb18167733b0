import { existsSync } from "node:fs";
import type { SessionId } from "@background-agents/shared/ids";
import type { Session } from "@background-agents/shared/sessions/session";
import { AppError } from "../lib/app-error.ts";
import type { Git } from "../lib/git-process.ts";
import type { Redactor } from "../secrets/redact.ts";
import { createValueFinder, type ValueFinder } from "./find-values.ts";
import { readObjects } from "./read-objects.ts";

const SCAN_TIMEOUT_MS = 120_000;

export type SecretScan = ReturnType<typeof createSecretScan>;

/** Which commits leave: all of them, with what they hold in between, or the last one's tree alone. */
export interface ScanOrder {
  commit: string;
  treeOnly?: boolean | undefined;
}

/** Where a session's work is, and the commit that it began at. */
interface Place {
  gitDir: string;
  base: string;
}

interface Find {
  /** Undefined: in a commit itself, its message or who made it. */
  path: string | undefined;
  id: string;
  lines: ReadonlyMap<string, number>;
}

/**
 * Stops work that contains the value of a secret before it leaves the sandbox's quarantine: in what its commits added to
 * the session's base (contents of any size, names of files, messages, authors), in each shape that the redactor knows.
 * Nothing waives it.
 */
export function createSecretScan(deps: {
  git: Git;
  quarantine: { path(id: SessionId): string };
  redactorOf: (sessionId: SessionId) => Redactor;
}) {
  const { git, quarantine } = deps;
  const clean = new Map<SessionId, { key: string; redactor: Redactor }>();
  const timeoutMs = SCAN_TIMEOUT_MS;

  /** Names that files were given, also where their content is an old one. */
  async function checkNames({ gitDir, base }: Place, { commit, treeOnly }: ScanOrder, redactor: Redactor) {
    const how = ["-z", "--name-only", "--no-renames", "--diff-filter=A"];
    const args = treeOnly
      ? ["diff-tree", "-r", ...how, "--end-of-options", base, commit]
      : ["log", "-m", "--format=", ...how, "--end-of-options", commit, `^${base}`];
    const { stdout } = await git.run(args, { gitDir, timeoutMs });
    for (const name of stdout.split("\0")) {
      const found = redactor.find(name);
      if (found) throw contains(found.name, "the name of a file");
    }
  }

  /** What holds a value, the oldest commit's last. */
  async function findAll(place: { gitDir: string; range: string[] }, redactor: Redactor): Promise<Find[]> {
    const finds: Find[] = [];
    let finder: ValueFinder | undefined;
    await readObjects(git, place, {
      timeoutMs,
      onPiece({ id, type, path, bytes, isLast }) {
        finder ??= createValueFinder(redactor);
        finder.push(bytes);
        if (!isLast) return undefined;
        const { lines } = finder;
        finder = undefined;
        if (lines.size > 0) finds.push({ id, path: type === "commit" ? undefined : path, lines });
        return undefined;
      },
    });
    return finds;
  }

  /** The values that the base had there already: the work did not bring them. */
  async function listOld({ gitDir, base }: Place, path: string, redactor: Redactor): Promise<ReadonlySet<string>> {
    const listed = await git.run(["ls-tree", "-z", "--full-tree", "--end-of-options", base, "--", path], { gitDir });
    const [, blob] = /^\d+ blob ([0-9a-f]+)\t/.exec(listed.stdout) ?? [];
    const finder = createValueFinder(redactor);
    if (blob !== undefined) {
      const onOutput = (chunk: Buffer): undefined => finder.push(chunk) as undefined;
      await git.stream(["cat-file", "blob", blob], { gitDir, timeoutMs, onOutput });
    }
    return new Set(finder.lines.keys());
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

      await checkNames({ gitDir, base }, { commit, treeOnly }, redactor);
      const range = [treeOnly ? `${commit}^{tree}` : commit, `^${base}`];
      for (const { id, path, lines } of await findAll({ gitDir, range }, redactor)) {
        const old = path === undefined ? new Set<string>() : await listOld({ gitDir, base }, path, redactor);
        for (const [name, line] of lines) {
          if (path === undefined) throw contains(name, `commit ${id.slice(0, 10)}, in its message or its author`);
          if (!old.has(name)) throw contains(name, `${path}, line ${line}`, { file: path, line });
        }
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
