import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newId } from "@background-agents/shared/ids";
import type { Session } from "@background-agents/shared/sessions/session";
import { afterEach, beforeEach, expect, it } from "vitest";
import { AppError } from "../lib/app-error.ts";
import { createGit } from "../lib/git-process.ts";
import { createRedactor } from "../secrets/redact.ts";
import { createSecretScan } from "./secret-scan.ts";

type ScanDeps = Parameters<typeof createSecretScan>[0];

const VALUE = "live-3f81c07ad952";
const OLD = "# Example";

let tree: string;
let base: string;
beforeEach(() => {
  tree = mkdtempSync(join(tmpdir(), "scan-"));
  git("init", "--quiet", "-b", "main");
  git("config", "user.name", "Ada Example");
  git("config", "user.email", "ada@example.org");
  write("README.md", `${OLD}\n`);
  commit("Begin");
  base = git("rev-parse", "HEAD");
});
afterEach(() => rmSync(tree, { recursive: true, force: true }));

const git = (...args: string[]): string =>
  execFileSync("git", ["-C", tree, ...args], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trimEnd();
const write = (name: string, content: string | Buffer): void => writeFileSync(join(tree, name), content);
const commit = (message: string, ...config: string[]): void => {
  git("add", "-A");
  git(...config, "commit", "--quiet", "--allow-empty", "-m", message);
};

/** Looks through the work since the base. */
function look(order: { treeOnly?: boolean; signal?: AbortSignal }, deps: Partial<ScanDeps> = {}): Promise<void> {
  const values = [
    { name: "LIVE_KEY", value: VALUE },
    { name: "OLD_KEY", value: OLD },
  ];
  const redactor = createRedactor(values);
  const quarantine = { path: () => join(tree, ".git") };
  const { requireNone } = createSecretScan({ git: createGit(), quarantine, redactorOf: () => redactor, ...deps });
  return requireNone({ id: newId("session"), baseCommit: base } as Session, {
    commit: git("rev-parse", "HEAD"),
    ...order,
  });
}

/** What the scan says of it. */
async function scan(treeOnly = false): Promise<string | null> {
  try {
    await look({ treeOnly });
    return null;
  } catch (error) {
    if (error instanceof AppError && error.code === "work.contains-secret") return error.message;
    throw error;
  }
}

it.each<[string, () => void, string]>([
  ["a commit's message", () => commit(`Use ${VALUE}`), "in its message or its author"],
  ["an author's name", () => commit("Work", "-c", `author.name=${VALUE}`), "in its message or its author"],
  ["a committer's address", () => commit("Work", "-c", `committer.email=${VALUE}@a.example`), "message or its author"],
  ["a file's name", () => write(`${VALUE}.txt`, "content\n"), "the name of a file"],
  ["a new name of an old file", () => void git("mv", "README.md", `${VALUE}.md`), "the name of a file"],
  ["a link", () => execFileSync("ln", ["-s", VALUE, join(tree, "link")]), "link, line 1"],
  [
    "a file of some MiB",
    () => write("dump.sql", `${"insert (1);\n".repeat(300_000)}${VALUE}\n`),
    "dump.sql, line 300001",
  ],
  [
    "a large binary file",
    () => write("core", Buffer.concat([Buffer.alloc(3_000_000, 255), Buffer.from(VALUE), Buffer.alloc(9)])),
    "core, line 1",
  ],
  ["UTF-16", () => write("report.txt", Buffer.from(`a\r\n${VALUE}`, "utf16le")), "report.txt, line 2"],
  ["base64", () => write("auth", Buffer.from(`user:${VALUE}`).toString("base64")), "auth, line 1"],
  ["a file that had another one", () => write("README.md", `${OLD}\n${VALUE}\n`), "LIVE_KEY (README.md, line 2)"],
  [
    "a commit before the last",
    () => {
      write("a", VALUE);
      commit("One");
      write("a", "clean\n");
    },
    "a, line 1",
  ],
])("finds a value in %s", async (_where, work, place) => {
  work();
  commit("Work");
  const refusal = await scan();
  expect(refusal).toContain(`LIVE_KEY`);
  expect(refusal).toContain(place);
  expect(refusal).not.toContain(VALUE);
});

it("looks at the tree alone where nothing else leaves", async () => {
  write("a", VALUE);
  commit(`One with ${VALUE}`);
  expect(await scan(true)).toContain("a, line 1");
  write("a", "clean\n");
  commit("Two");
  expect(await scan(true)).toBeNull();
  expect(await scan()).not.toBeNull();
  git("mv", "a", VALUE);
  commit("Three");
  expect(await scan(true)).toContain("the name of a file");
});

it("lets through what the base had, under another name, too", async () => {
  git("mv", "README.md", "START.md");
  commit("Rename");
  expect(await scan()).toBeNull();
  git("mv", "START.md", "README.md");
  write("README.md", `${OLD}\nof more\n`);
  commit("Write more");
  expect(await scan()).toBeNull();
});

it("looks into each of many files that the base had with a value", async () => {
  const names = Array.from({ length: 60 }, (_, index) => `page-${String(index).padStart(2, "0")}.md`);
  for (const name of names) write(name, `${OLD} of ${name}\n`);
  commit("Pages");
  base = git("rev-parse", "HEAD");
  for (const name of names) write(name, `${OLD} of ${name}, longer\n`);
  commit("Write more");
  expect(await scan()).toBeNull();
  write("page-59.md", `${OLD}\n${VALUE}\n`);
  commit("The last one");
  git("reset", "--quiet", "--soft", base);
  commit("All at once");
  expect(await scan()).toContain("LIVE_KEY (page-59.md, line 2)");
});

it("takes a file's name for no pattern", async () => {
  write(":(exclude)notes.md", `${OLD}\n`);
  commit("Notes");
  base = git("rev-parse", "HEAD");
  write(":(exclude)notes.md", `${OLD}\nof more\n`);
  commit("Write more");
  expect(await scan()).toBeNull();
  write(":(glob)**", `${OLD} of a new file\n`);
  commit("A new file");
  expect(await scan()).toContain("OLD_KEY (:(glob)**, line 1)");
});

it("reads nothing after a commit that says a value", async () => {
  write("large", "large".repeat(1_000_000));
  commit(`Use ${VALUE}`);
  const plain = createGit();
  const answers: unknown[] = [];
  const watched: ScanDeps["git"] = {
    ...plain,
    stream: (args, options) =>
      plain.stream(args, {
        ...options,
        onOutput(chunk) {
          const answer = options.onOutput(chunk);
          answers.push(answer);
          return answer;
        },
      }),
  };
  await expect(look({}, { git: watched })).rejects.toMatchObject({ code: "work.contains-secret" });
  expect(answers.at(-1)).toBe("stop");
});

it("ends when it is cancelled, and says so when it takes too long", async () => {
  write("a", "clean\n");
  commit("Work");
  const late = look({}, { startDeadline: () => AbortSignal.abort() });
  await expect(late).rejects.toMatchObject({
    ...{ code: "git.failed", message: expect.stringContaining("too large to be searched for secrets") },
    details: { advice: expect.stringContaining("large files") },
  });
  await expect(look({ signal: AbortSignal.abort() })).rejects.toMatchObject({
    ...{ code: "git.failed", message: expect.stringContaining("cancelled") },
  });
});
