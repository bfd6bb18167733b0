import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createGit } from "../lib/git-process.ts";
import { findCollisions } from "./find-collisions.ts";
import { commitFiles, hashTree, makeRepository, makeTempDir, plainGit } from "./testing/git-fixture.ts";

const LINES = Array.from({ length: 12 }, (_, index) => `line ${index + 1}`);
const file = (changes: Record<number, string> = {}) =>
  `${LINES.map((line, index) => changes[index + 1] ?? line).join("\n")}\n`;

let temp: ReturnType<typeof makeTempDir>;
let ours: string;
let theirs: string;

/** Two clones of one repository: each has its own objects, and a mirror what both began with. */
beforeEach(() => {
  temp = makeTempDir();
  const mirror = makeRepository(join(temp.dir, "mirror"), {
    ...{ "a.txt": file(), "b.txt": file(), "c.txt": file(), "binary.bin": Buffer.from([0, 1]) },
  });
  for (const name of ["ours", "theirs"]) {
    plainGit(temp.dir, ["clone", "--quiet", "--shared", mirror, name]);
  }
  ours = join(temp.dir, "ours");
  theirs = join(temp.dir, "theirs");
});
afterEach(() => temp.remove());

function collide(mine: Record<string, string | Buffer>, others: Record<string, string | Buffer>) {
  const commits = { ours: commitFiles(ours, mine), theirs: commitFiles(theirs, others) };
  return look(commits);
}

function look(commits: { ours: string; theirs: string }) {
  const places = ["ours", "theirs", "mirror"].map((name) => join(temp.dir, name, ".git", "objects"));
  return findCollisions(createGit(), places, commits);
}

describe("findCollisions", () => {
  it("finds lines that both changed, as each side counts them, and writes nothing to either", async () => {
    const mine = commitFiles(ours, { "a.txt": `new\n${file({ 5: "mine" })}`, "b.txt": file({ 2: "mine" }) });
    const others = commitFiles(theirs, { "a.txt": file({ 5: "theirs\nand more" }), "b.txt": file({ 10: "theirs" }) });
    const before = hashTree(temp.dir);
    expect(await look({ ours: mine, theirs: others })).toEqual({
      ours: [{ path: "a.txt", conflicts: true, lines: [{ start: 6, end: 6 }] }],
      theirs: [{ path: "a.txt", conflicts: true, lines: [{ start: 5, end: 6 }] }],
    });
    expect(hashTree(temp.dir)).toEqual(before);
  });

  it("finds nothing where files or places differ, or both made the same change", async () => {
    const none = { ours: [], theirs: [] };
    expect(await collide({ "a.txt": file({ 2: "x" }) }, { "b.txt": file({ 2: "x" }) })).toEqual(none);
    expect(await collide({ "c.txt": file({ 2: "x" }) }, { "c.txt": file({ 2: "x" }) })).toEqual(none);
  });

  it("follows renames, and tells files that only one side removed or that both made", async () => {
    plainGit(ours, ["mv", "a.txt", "moved.txt"]);
    plainGit(theirs, ["rm", "--quiet", "b.txt"]);
    const found = await collide(
      { "moved.txt": file({ 4: "mine" }), "b.txt": file({ 1: "mine" }), "new.txt": "mine\n" },
      { "a.txt": file({ 4: "theirs" }), "new.txt": "theirs\n" },
    );
    expect(found.ours.map(({ path, conflicts }) => [path, conflicts])).toEqual([
      ["b.txt", true],
      ["moved.txt", true],
      ["new.txt", true],
    ]);
    expect(found.theirs.map(({ path }) => path)).toEqual(["b.txt", "a.txt", "new.txt"]);
    expect(found.ours[1]?.lines).toEqual([{ start: 4, end: 4 }]);
  });

  it("tells binary files by the merge alone", async () => {
    const found = await collide({ "binary.bin": Buffer.from([0, 2]) }, { "binary.bin": Buffer.from([0, 3]) });
    expect(found.ours).toEqual([{ path: "binary.bin", conflicts: true, lines: [] }]);
  });

  it("finds nothing where one side has the other's work already, or both are strangers", async () => {
    const mine = commitFiles(ours, { "a.txt": file({ 5: "mine" }) });
    plainGit(theirs, ["fetch", "--quiet", ours, "HEAD"]);
    plainGit(theirs, ["reset", "--quiet", "--hard", "FETCH_HEAD"]);
    const above = commitFiles(theirs, { "a.txt": file({ 5: "theirs" }) });
    expect(await look({ ours: mine, theirs: above })).toEqual({ ours: [], theirs: [] });
    plainGit(theirs, ["checkout", "--quiet", "--orphan", "anew"]);
    const stranger = commitFiles(theirs, { "a.txt": "other\n" });
    expect(await look({ ours: mine, theirs: stranger })).toEqual({ ours: [], theirs: [] });
  });
});
