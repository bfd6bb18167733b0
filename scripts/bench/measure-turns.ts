import { createReadStream } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { newId } from "@background-agents/shared/ids";
import { measureDirectory } from "../../packages/server/src/lib/directory-size.ts";
import { bundleWork } from "../../packages/sandbox/src/workspace/bundle-work.ts";
import { refreshIndex } from "../../packages/sandbox/src/workspace/clone-workspace.ts";
import { commitLeftovers } from "../../packages/sandbox/src/workspace/commit-leftovers.ts";
import { git as userGit } from "./git-command-process.ts";
import type { GitWorld } from "./git-world.ts";
import { contentOfFile, pathOfFile } from "./large-repository.ts";
import { readProcessorMs } from "./processor-time.ts";

/** What a turn changes: like an agent's turn, or like a rename across the code base. */
const SMALL_TURN = { edited: 5, added: 2, deleted: 1 };
const LARGE_TURN = { edited: 1000, added: 200, deleted: 20 };

export interface TurnSample {
  /** In the container: commit what is left, and write the bundle. */
  saveMs: number;
  /** On the host: take the bundle in, checked, and count what changed. */
  importMs: number;
  /** What of that were computations, of all processors. */
  importProcessorMs: number;
  /** From a server that knows nothing yet: the list of changed files, then the first file's diff. */
  changesMs: number;
  diffMs: number;
}

export interface TurnFigures {
  small: TurnSample[];
  large: TurnSample;
  disk: DiskFigures;
}

/** In bytes, as allocated on the disk. */
export interface DiskFigures {
  checkout: number;
  /** What a new session takes beyond its checkout. */
  beyondAtStart: number;
  /** The same after the small turns, with what the server keeps of them. */
  beyondAfterTurns: number;
  turns: number;
  /** `git worktree add` takes this beyond its checkout. */
  worktreeBeyond: number;
}

/** One session's life on the large repository: small turns, then a large one, with the disk it takes. */
export async function measureTurns(
  world: GitWorld,
  { turns, files, onSample }: { turns: number; files: number; onSample: (text: string) => void },
): Promise<TurnFigures> {
  const tree = world.nextTree();
  const cloned = await world.createSessionTree(tree);
  await refreshIndex(cloned);
  const base = await userGit(tree, "rev-parse", "HEAD");
  const ours = { keptDir: join(world.dataDir, "quarantine", cloned.sessionId), gitDir: join(tree, ".git") };
  const checkout = (await measureDirectory(tree)) - (await measureDirectory(ours.gitDir));
  const beyond = async (): Promise<number> =>
    (await measureDirectory(ours.gitDir)) + (await measureDirectory(ours.keptDir));
  const beyondAtStart = await beyond();

  let previous = base;
  let turn = 0;
  let deleted = 0;
  const runTurn = async (size: typeof SMALL_TURN): Promise<TurnSample> => {
    turn += 1;
    await changeFiles(tree, { ...size, turn, files, deleteFrom: Math.floor(files / 2) + deleted });
    deleted += size.deleted;
    const { git, sessionId } = cloned;
    const { repositoryId } = world;
    const since = performance.now();
    const { commit } = await commitLeftovers({
      ...{ tree, git, sessionId, base },
      branch: await userGit(tree, "symbolic-ref", "--short", "HEAD"),
      identity: { name: "Ada Example", email: "ada@example.org" },
      promptText: `Turn ${turn}`,
      limitBytes: 512 * 2 ** 20,
      isTold: true,
    });
    const bundle = join(world.root, "turn.bundle");
    await bundleWork(git, bundle, { base, commit, known: previous });
    const [saved, processorSaved] = [performance.now(), readProcessorMs()];
    const imported = await world.openQuarantine().importBundle({
      ...{ sessionId, repositoryId, commit },
      checkpointId: newId("checkpoint"),
      baseCommit: base,
      previousCommit: previous,
      bundle: createReadStream(bundle),
    });
    const [taken, importProcessorMs] = [performance.now(), readProcessorMs() - processorSaved];
    if (imported.turn.files !== size.edited + size.added + size.deleted) {
      throw new Error(`a turn changed ${imported.turn.files} files`);
    }
    const reader = world.openQuarantine();
    const range = { sessionId, repositoryId, from: base, to: commit };
    const [first] = await reader.changes(range);
    const listed = performance.now();
    const diff = await reader.diff({ ...range, path: first?.path });
    if (!diff.startsWith("diff --git")) throw new Error("there was no diff");
    const done = performance.now();
    previous = commit;
    const times = { saveMs: saved - since, importMs: taken - saved, changesMs: listed - taken, diffMs: done - listed };
    return { ...times, importProcessorMs };
  };

  const small: TurnSample[] = [];
  for (let count = 0; count < turns; count++) small.push(await runTurn(SMALL_TURN));
  const beyondAfterTurns = await beyond();
  onSample(`${turns} turns: the last was imported in ${Math.round(small.at(-1)?.importMs ?? 0)} ms`);
  const large = await runTurn(LARGE_TURN);
  onSample(
    `a turn of ${LARGE_TURN.edited + LARGE_TURN.added + LARGE_TURN.deleted} files: ${Math.round(large.importMs)} ms`,
  );
  await rm(tree, { recursive: true, force: true });
  const disk = { checkout, beyondAtStart, beyondAfterTurns, turns, worktreeBeyond: await measureWorktree(world) };
  return { small, large, disk };
}

/** Edits in the first half of the files, spread over the tree; deletions in the second. */
async function changeFiles(
  tree: string,
  plan: typeof SMALL_TURN & { turn: number; files: number; deleteFrom: number },
): Promise<void> {
  const { turn, files } = plan;
  const half = Math.floor(files / 2);
  for (let place = 0; place < plan.edited; place++) {
    const index = (turn * 7919 + place * 613) % half;
    await writeFile(join(tree, pathOfFile(index)), contentOfFile(index, 1_000_000 + turn * 1000 + place));
  }
  for (let place = 0; place < plan.added; place++) {
    await writeFile(join(tree, `packages/new-${turn}-${place}.ts`), contentOfFile(place, turn));
  }
  for (let place = 0; place < plan.deleted; place++) await rm(join(tree, pathOfFile(plan.deleteFrom + place)));
}

async function measureWorktree(world: GitWorld): Promise<number> {
  const { repositoryPath } = world;
  const gitDir = join(repositoryPath, ".git");
  const tree = world.nextTree();
  const before = await measureDirectory(gitDir);
  await userGit(repositoryPath, "worktree", "add", "--quiet", "--detach", tree, "main");
  const after = await measureDirectory(gitDir);
  await userGit(repositoryPath, "worktree", "remove", "--force", tree);
  return after - before;
}
