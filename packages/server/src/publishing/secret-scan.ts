import { existsSync } from "node:fs";
import type { SessionId } from "@background-agents/shared/ids";
import type { Session } from "@background-agents/shared/sessions/session";
import { AppError } from "../lib/app-error.ts";
import type { Git } from "../lib/git-process.ts";
import type { Redactor } from "../secrets/redact.ts";
import { createValueFinder, type ValueFinder } from "./find-values.ts";
import { listObjects, readObjects, type ListedObject, type ReadLimits } from "./read-objects.ts";

const SILENT_MS = 120_000;
/** Time for many gigabytes. */
const SCAN_MS = 10 * 60_000;
/** So many contents with values are looked into at a time: they may all be as the base had them. */
const FINDS_AT_ONCE = 50;

export type SecretScan = ReturnType<typeof createSecretScan>;

/** Which commits leave: all of them, with what they hold in between, or the last one's tree alone. */
export interface ScanOrder {
  commit: string;
  treeOnly?: boolean | undefined;
  /** A repository that has the commit, where the session's own does not have it yet. */
  gitDir?: string | undefined;
  /** Ends the scan, which then throws. */
  signal?: AbortSignal | undefined;
}

/** Where a session's work is, and the commit that it began at. */
interface Place {
  gitDir: string;
  base: string;
  limits: ReadLimits;
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
  /** Aborted when a scan that begins now has taken too long; ten minutes where it is not given. */
  startDeadline?: () => AbortSignal;
}) {
  const { git, quarantine } = deps;
  const startDeadline = deps.startDeadline ?? (() => AbortSignal.timeout(SCAN_MS));
  const clean = new Map<SessionId, { key: string; redactor: Redactor }>();

  /** Names that files were given, also where their content is an old one. */
  async function checkNames({ gitDir, base, limits }: Place, { commit, treeOnly }: ScanOrder, redactor: Redactor) {
    const how = ["-z", "--name-only", "--no-renames", "--diff-filter=A"];
    const args = treeOnly
      ? ["diff-tree", "-r", ...how, "--end-of-options", base, commit]
      : ["log", "-m", "--format=", ...how, "--end-of-options", commit, `^${base}`];
    const { stdout } = await git.run(args, { gitDir, ...limits });
    for (const name of stdout.split("\0")) {
      const found = redactor.find(name);
      if (found) throw contains(found.name, "the name of a file");
    }
  }

  /** What holds a value among the first of the objects, and how many those were: all, or as many as gave enough finds. */
  async function findSome(
    { gitDir, limits }: Place,
    objects: readonly ListedObject[],
    redactor: Redactor,
  ): Promise<{ finds: Find[]; read: number }> {
    const finds: Find[] = [];
    let finder: ValueFinder | undefined;
    const read = await readObjects(
      git,
      { gitDir, objects },
      {
        ...limits,
        onPiece({ id, type, path, bytes, isLast }) {
          finder ??= createValueFinder(redactor);
          finder.push(bytes);
          if (!isLast) return undefined;
          const { lines } = finder;
          finder = undefined;
          if (lines.size === 0) return undefined;
          finds.push({ id, path: type === "commit" ? undefined : path, lines });
          // The base had no such commit, whatever it says.
          return type === "commit" || finds.length === FINDS_AT_ONCE ? "stop" : undefined;
        },
      },
    );
    return { finds, read };
  }

  /** The values that the base had there already: the work did not bring them. */
  async function listOld({ gitDir, base, limits }: Place, path: string, redactor: Redactor) {
    const list = ["ls-tree", "-z", "--full-tree", "--end-of-options", base, "--", path];
    const listed = await git.run(list, { gitDir, ...limits });
    const [, blob] = /^\d+ blob ([0-9a-f]+)\t/.exec(listed.stdout) ?? [];
    const finder = createValueFinder(redactor);
    if (blob !== undefined) {
      const onOutput = (chunk: Buffer): undefined => finder.push(chunk) as undefined;
      await git.stream(["cat-file", "blob", blob], { gitDir, onOutput, ...limits });
    }
    return finder.lines;
  }

  /** Throws for the first find that the base did not have. */
  async function check(place: Place, order: ScanOrder, redactor: Redactor): Promise<void> {
    const { commit, treeOnly = false } = order;
    await checkNames(place, order, redactor);
    const range = [treeOnly ? `${commit}^{tree}` : commit, `^${place.base}`];
    let objects = await listObjects(git, { gitDir: place.gitDir, range }, place.limits);
    while (objects.length > 0) {
      const { finds, read } = await findSome(place, objects, redactor);
      for (const { id, path, lines } of finds) {
        const old = path === undefined ? undefined : await listOld(place, path, redactor);
        for (const [name, line] of lines) {
          if (path === undefined) throw contains(name, `commit ${id.slice(0, 10)}, in its message or its author`);
          if (!old?.has(name)) throw contains(name, `${path}, line ${line}`, { file: path, line });
        }
      }
      objects = objects.slice(read);
    }
  }

  return {
    /** Throws `work.contains-secret`, which names the secret, the file and the line; `git.failed` where it takes too long. */
    async requireNone(session: Session, order: ScanOrder): Promise<void> {
      const redactor = deps.redactorOf(session.id);
      const gitDir = order.gitDir ?? quarantine.path(session.id);
      const { baseCommit: base } = session;
      const key = `${base}..${order.commit} ${order.treeOnly ?? false}`;
      const known = clean.get(session.id);
      if (redactor.isEmpty || !existsSync(gitDir) || (known?.key === key && known.redactor === redactor)) return;

      const deadline = startDeadline();
      const signal = order.signal ? AbortSignal.any([order.signal, deadline]) : deadline;
      try {
        await check({ gitDir, base, limits: { timeoutMs: SILENT_MS, signal } }, order, redactor);
      } catch (error) {
        throw deadline.aborted && !order.signal?.aborted && !isFind(error) ? tookTooLong(error) : error;
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

function isFind(error: unknown): boolean {
  return error instanceof AppError && error.code === "work.contains-secret";
}

function tookTooLong(cause: unknown): AppError {
  const message =
    "The work is too large to be searched for secrets in ten minutes, so it is not brought out of the sandbox.";
  const advice = "Have the agent take large files out of it, of every commit, then try again.";
  return new AppError("git.failed", message, { cause, details: { advice } });
}
