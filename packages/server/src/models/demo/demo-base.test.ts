import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { composeUpdatePrompt } from "../../time-travel/compose-update-prompt.ts";
import { plainGit } from "../../repositories/testing/git-fixture.ts";
import { baseUpdateCommand, readBaseUpdate } from "./demo-base.ts";

let tree: string;
beforeEach(() => {
  tree = mkdtempSync(join(tmpdir(), "background-agents-demo-"));
  plainGit(tree, ["init", "--quiet", "-b", "main"]);
  plainGit(tree, ["config", "user.name", "Ada"]);
  plainGit(tree, ["config", "user.email", "ada@example.com"]);
});
afterEach(() => rmSync(tree, { recursive: true, force: true }));

function commit(content: string): void {
  writeFileSync(join(tree, "a.md"), content);
  plainGit(tree, ["add", "-A"]);
  plainGit(tree, ["commit", "--quiet", "-m", "Change"]);
}

const quote = (word: string) => `'${word}'`;

function prompt(how: "merge" | "rebase", tip: string): string {
  const session = { baseBranch: "main", branch: "work" };
  return composeUpdatePrompt({ session, tip, behind: 1, conflicts: ["a.md"], how });
}

describe("a base that a prompt of the server's own making asks to follow", () => {
  it("is read from it, and from no other prompt", () => {
    const tip = "0123456789".repeat(4);
    expect(readBaseUpdate(prompt("rebase", tip))).toMatchObject({ how: "rebase", tip, branch: "main" });
    expect(readBaseUpdate("Please merge main")).toBeUndefined();
  });

  it.each(["merge", "rebase"] as const)("is followed through conflicts (%s), both sides kept", (how) => {
    commit("Title\n=======\none\ntwo\n");
    plainGit(tree, ["checkout", "--quiet", "-b", "work"]);
    commit("Title\n=======\nours\ntwo\n");
    commit("Title\n=======\nours\nours too\n");
    plainGit(tree, ["checkout", "--quiet", "main"]);
    commit("Title\n=======\ntheirs\ntheirs too\n");
    const tip = plainGit(tree, ["rev-parse", "main"]);
    plainGit(tree, ["checkout", "--quiet", "work"]);
    const update = readBaseUpdate(prompt(how, tip));
    if (!update) throw new Error("no update was read");
    execFileSync("bash", ["-c", baseUpdateCommand({ ...update, from: tree }, quote)], { cwd: tree, stdio: "pipe" });
    const content = readFileSync(join(tree, "a.md"), "utf8");
    expect(content).toMatch(/^Title\n=======\n/);
    expect(content).not.toMatch(/<<<<<<<|>>>>>>>/);
    for (const line of ["ours", "ours too", "theirs", "theirs too"]) expect(content.split("\n")).toContain(line);
    expect(plainGit(tree, ["status", "--porcelain"])).toBe("");
    expect(plainGit(tree, ["rev-list", "--count", `work..${tip}`])).toBe("0");
    expect(plainGit(tree, ["rev-list", "--merges", "--count", "work"])).toBe(how === "merge" ? "1" : "0");
  });
});
