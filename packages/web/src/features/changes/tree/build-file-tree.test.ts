import { ChangedFile } from "@background-agents/shared/sessions/session";
import { describe, expect, it } from "vitest";
import { buildListRows, buildTreeRows, filterFiles, orderFiles } from "./build-file-tree.ts";

const file = (path: string, oldPath?: string): ChangedFile =>
  ChangedFile.parse({
    path,
    ...(oldPath ? { oldPath } : {}),
    status: "modified",
    additions: 1,
    deletions: 0,
    binary: false,
  });
const files = ["src/routes/public.ts", "README.md", "src/app.ts", "packages/a/b/c/deep.ts", "src/routes/admin.ts"].map(
  (path) => file(path),
);
const shown = (closed: string[] = []) =>
  buildTreeRows(files, new Set(closed)).map(({ depth, name }) => `${"  ".repeat(depth)}${name}`);

describe("the tree of changed files", () => {
  it("has folders before files, and chains of single folders in one row", () => {
    expect(shown()).toEqual([
      "packages/a/b/c",
      "  deep.ts",
      "src",
      "  routes",
      "    admin.ts",
      "    public.ts",
      "  app.ts",
      "README.md",
    ]);
  });

  it("leaves out what lies in a closed folder and tells how much that is", () => {
    expect(shown(["src"])).toEqual(["packages/a/b/c", "  deep.ts", "src", "README.md"]);
    expect(buildTreeRows(files, new Set(["src"]))[2]).toMatchObject({ kind: "folder", open: false, files: 3 });
  });

  it("has the same order as the list and the diffs", () => {
    const order = ["packages/a/b/c/deep.ts", "src/routes/admin.ts", "src/routes/public.ts", "src/app.ts", "README.md"];
    expect(orderFiles(files).map(({ path }) => path)).toEqual(order);
    expect(buildListRows(files).map(({ name }) => name)).toEqual(order);
  });

  it("makes 5,000 files", () => {
    const many = Array.from({ length: 5000 }, (_, at) => file(`p${at % 50}/src/f${at}.ts`));
    expect(buildTreeRows(many, new Set())).toHaveLength(5050);
  });
});

describe("the filter", () => {
  it.each([
    ["", 5],
    ["ROUTES", 2],
    ["ts src admin", 1],
    ["nothing", 0],
  ])("%j leaves %d", (filter, left) => expect(filterFiles(files, filter)).toHaveLength(left));

  it("finds a renamed file by its former name", () => {
    expect(filterFiles([file("b.ts", "lib/a.ts")], "lib/a")).toHaveLength(1);
  });
});
