import { rm } from "node:fs/promises";
import { performance } from "node:perf_hooks";
import { git } from "./git-command-process.ts";
import type { GitWorld } from "./git-world.ts";
import { readProcessorMs } from "./processor-time.ts";

export const CREATIONS = ["ours", "worktree", "clone"] as const;
export type Creation = (typeof CREATIONS)[number];

export type CreationSamples = Record<Creation, number[]>;

export interface CreationFigures {
  elapsedMs: CreationSamples;
  /** Of all processors, whatever else the machine did. */
  processorMs: CreationSamples;
}

/**
 * How long a working tree takes: a session's, `git worktree add` and `git clone --local`, in ms. One after the other in
 * an order that turns, so that noise hits all; the first of each warms up and is dropped.
 */
export async function measureCreation(
  world: GitWorld,
  { samples, onSample }: { samples: number; onSample: (text: string) => void },
): Promise<CreationFigures> {
  const { repositoryPath } = world;
  const make: Record<Creation, (tree: string) => Promise<unknown>> = {
    ours: (tree) => world.createSessionTree(tree),
    worktree: (tree) => git(repositoryPath, "worktree", "add", "--quiet", "--detach", tree, "main"),
    clone: (tree) => git(repositoryPath, "clone", "--quiet", "--local", repositoryPath, tree),
  };
  const found: CreationSamples = { ours: [], worktree: [], clone: [] };
  const processor: CreationSamples = { ours: [], worktree: [], clone: [] };
  for (let round = 0; round <= samples; round++) {
    for (let place = 0; place < CREATIONS.length; place++) {
      const kind = CREATIONS[(place + round) % CREATIONS.length] ?? "ours";
      const tree = world.nextTree();
      // What the removed one left behind is not this one's burden.
      await git(repositoryPath, "worktree", "prune");
      const [since, processorSince] = [performance.now(), readProcessorMs()];
      await make[kind](tree);
      found[kind].push(performance.now() - since);
      processor[kind].push(readProcessorMs() - processorSince);
      await rm(tree, { recursive: true, force: true });
    }
    const last = CREATIONS.map((kind) => `${kind} ${Math.round(found[kind].at(-1) ?? 0)} ms`).join(", ");
    onSample(`${round === 0 ? "warm-up" : `sample ${round} of ${samples}`}: ${last}`);
  }
  const withoutFirst = ({ ours, worktree, clone }: CreationSamples): CreationSamples => ({
    ours: ours.slice(1),
    worktree: worktree.slice(1),
    clone: clone.slice(1),
  });
  return { elapsedMs: withoutFirst(found), processorMs: withoutFirst(processor) };
}
