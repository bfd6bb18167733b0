import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { systemClock } from "../lib/clock.ts";
import { createRepositoryFinder } from "./repository-finder.ts";
import { makeTempDir } from "./testing/git-fixture.ts";

let temp: ReturnType<typeof makeTempDir>;
beforeEach(() => {
  temp = makeTempDir();
});
afterEach(() => temp.remove());

/** Makes what the finder takes for a repository. */
function place(...names: string[]): string {
  const path = join(temp.dir, ...names);
  mkdirSync(join(path, ".git"), { recursive: true });
  return path;
}

it("finds top levels three levels down and passes over everything else", async () => {
  const expected = [place("a"), place("b", "c"), place("b", "d", "e")];
  place("a", "nested");
  place("b", "d", "e", "deeper");
  place("b", "d", "f", "too-deep");
  place("node_modules", "dependency");
  place(".cache", "hidden");
  place("a.worktrees", "some-branch");
  symlinkSync(join(temp.dir, "a"), join(temp.dir, "link"));
  symlinkSync(temp.dir, join(temp.dir, "loop"));
  mkdirSync(join(temp.dir, "worktree"));
  writeFileSync(join(temp.dir, "worktree", ".git"), "gitdir: elsewhere\n");
  const finder = createRepositoryFinder({ reposDir: temp.dir, clock: systemClock });
  expect(await finder.find()).toEqual([...expected, join(temp.dir, "worktree")]);
});

it("looks below REPOS_DIR even where that is a repository", async () => {
  const own = place();
  const inside = place("inside");
  expect(await createRepositoryFinder({ reposDir: temp.dir, clock: systemClock }).find()).toEqual([own, inside]);
});

it("finds nothing in a directory that is not there", async () => {
  const finder = createRepositoryFinder({ reposDir: join(temp.dir, "none"), clock: systemClock });
  expect(await finder.find()).toEqual([]);
});

it("remembers for a while, until told to forget", async () => {
  let now = 1_000_000;
  const finder = createRepositoryFinder({ reposDir: temp.dir, clock: { now: () => new Date(now) }, cacheMs: 5000 });
  expect(await finder.find()).toEqual([]);
  const one = place("one");
  now += 4999;
  expect(await finder.find()).toEqual([]);
  now += 1;
  expect(await finder.find()).toEqual([one]);
  const two = place("two");
  finder.forget();
  expect(await finder.find()).toEqual([one, two]);
});
