import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { ensureJavaProxies } from "./java-proxies.ts";

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "java-proxies-"));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const read = (path: string): string => readFileSync(join(home, path), "utf8");

it("tells Maven and Gradle of the proxy", () => {
  ensureJavaProxies(home, 8802);
  expect(read(".m2/settings.xml")).toMatch(
    /<protocol>https<\/protocol>\s+<host>127.0.0.1<\/host>\s+<port>8802<\/port>/,
  );
  expect(read(".gradle/gradle.properties")).toContain("systemProp.https.proxyPort=8802\n");
});

it("leaves the agent's own settings alone", () => {
  ensureJavaProxies(home, 8802);
  writeFileSync(join(home, ".m2/settings.xml"), "<settings/>");
  ensureJavaProxies(home, 8802);
  expect(read(".m2/settings.xml")).toBe("<settings/>");
});

it("does without where nothing can be written", () => {
  writeFileSync(join(home, ".m2"), "");
  ensureJavaProxies(home, 8802);
  expect(read(".gradle/gradle.properties")).toContain("proxyHost");
});
