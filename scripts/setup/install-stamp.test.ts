import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { computeInstallStamp, isInstalled, recordInstalled } from "./install-stamp.mjs";

const runtime = { modules: "115", platform: "linux", arch: "x64" };
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "install-stamp-"));
  mkdirSync(join(root, "node_modules"));
  writeFileSync(join(root, "package-lock.json"), "{}");
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test("fits only after it was recorded", () => {
  const stamp = computeInstallStamp(root, runtime);
  expect(isInstalled(root, stamp)).toBe(false);
  recordInstalled(root, stamp);
  expect(isInstalled(root, computeInstallStamp(root, runtime))).toBe(true);
});

test.each([
  ["another Node ABI", { ...runtime, modules: "127" }],
  ["another platform", { ...runtime, platform: "darwin" }],
  ["another processor", { ...runtime, arch: "arm64" }],
])("does not fit %s", (_name, other) => {
  recordInstalled(root, computeInstallStamp(root, runtime));
  expect(isInstalled(root, computeInstallStamp(root, other))).toBe(false);
});

test("does not fit a changed lock file", () => {
  recordInstalled(root, computeInstallStamp(root, runtime));
  writeLock("package-lock.json", { "node_modules/a": { version: "1.0.0" } });
  expect(isInstalled(root, computeInstallStamp(root, runtime))).toBe(false);
});

describe("a lock file that npm install changed", () => {
  const locked = {
    "": { version: "1.0.0" },
    "packages/x": { version: "1.0.0" },
    "node_modules/a": { version: "1.0.0" },
    "node_modules/for-another-platform": { version: "1.0.0", optional: true },
  };

  test.each([
    ["fits what is installed", { "node_modules/a": { version: "1.0.0" } }, true],
    ["does not fit another version", { "node_modules/a": { version: "1.0.1" } }, false],
    ["does not fit a missing package", {}, false],
  ])("%s", (_name, installed, expected) => {
    recordInstalled(root, computeInstallStamp(root, runtime));
    writeLock("package-lock.json", locked);
    writeLock("node_modules/.package-lock.json", installed);
    expect(isInstalled(root, computeInstallStamp(root, runtime))).toBe(expected);
    expect(isInstalled(root, computeInstallStamp(root, { ...runtime, modules: "127" }))).toBe(false);
  });
});

function writeLock(file: string, packages: Record<string, { version: string; optional?: boolean }>) {
  writeFileSync(join(root, file), JSON.stringify({ packages }));
}
