import { resolve } from "node:path";
import { expect, test } from "vitest";
import { checkVersions, judgeVersion, readEngine, readVersions } from "./check-versions.mjs";
import { readContext } from "./context.mjs";
import { MINIMUM_VERSIONS } from "./minimum-versions.mjs";

const git = { name: "git", fixed: ["2.39.4", "2.40.2", "2.45.1"], lineParts: 2, why: "of a hole" };
const node = { name: "Node.js", fixed: ["20.20.0", "22.22.0"], lineParts: 1, why: "of a hole" };

test.each([
  [git, "2.39.3", "2.39.4"],
  [git, "2.39.5", undefined],
  [git, "2.40.1", "2.40.2"],
  [git, "2.38.9", "2.45.1"],
  [git, "2.44.9", "2.45.1"],
  [git, "2.45.1", undefined],
  [git, "2.51.0", undefined],
  [node, "20.19.6", "20.20.0"],
  [node, "20.20.2", undefined],
  [node, "22.21.1", "22.22.0"],
  [node, "26.1.0", undefined],
  [git, undefined, undefined],
])("%j at %s wants %s", (minimum, version, wanted) => {
  const finding = judgeVersion(minimum, version);
  expect(finding?.level).toBe(wanted === undefined ? undefined : "warn");
  expect(/older than (\S+): of a hole/.exec(finding?.text ?? "")?.[1]).toBe(wanted);
});

test("the engine tells of its parts; one that says nothing tells of none", () => {
  const components = [
    { Name: "Engine", Version: "20.10.24" },
    { Name: "containerd", Version: "1.6.20~ds1" },
    { Name: "runc", Version: "1.1.5+ds1" },
  ];
  expect(readEngine(JSON.stringify({ Version: "20.10.24+dfsg1", Components: components }))).toEqual([
    ["Docker engine", "20.10.24+dfsg1"],
    ["containerd", "1.6.20~ds1"],
    ["runc", "1.1.5+ds1"],
  ]);
  expect(readEngine("null").map(([, version]) => version)).toEqual([undefined, undefined, undefined]);
  expect(readEngine("")).toEqual([]);
});

test("what package-lock.json installs meets the table, and every row has a reason", async () => {
  const context = readContext(resolve(import.meta.dirname, "../.."), process.env);
  const versions = await readVersions(context);
  const findings = await checkVersions(context);
  const texts = findings.map(({ text }) => text).join("\n");
  for (const name of ["SQLite", "next", "react", "fastify", "undici", "ws"]) {
    expect(versions.get(name)).toMatch(/^\d+\.\d+/);
    expect(texts).not.toContain(`${name} `);
  }
  const table = MINIMUM_VERSIONS.map(({ name }) => name);
  for (const name of versions.keys()) expect(table).toContain(name);
  for (const { why, fixed } of MINIMUM_VERSIONS) {
    expect(why.length).toBeGreaterThan(20);
    expect(fixed.length).toBeGreaterThan(0);
  }
});
