import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
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
  writeFileSync(join(root, "package-lock.json"), "{ }");
  expect(isInstalled(root, computeInstallStamp(root, runtime))).toBe(false);
});
