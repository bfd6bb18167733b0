import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readConfig } from "./config.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "config-"));
  writeFileSync(join(root, ".env.example"), "");
  mkdirSync(join(root, "packages", "server"), { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test("without anything the documented defaults hold", () => {
  const config = readConfig({}, root);
  expect(config).toMatchObject({
    port: 8787,
    webPort: 3000,
    dataDir: join(root, "data"),
    reposDir: join(homedir(), "code"),
  });
  expect(config.sandbox).toMatchObject({
    image: "background-agents-sandbox",
    network: "allowlist",
    memoryBytes: 4 * 2 ** 30,
  });
  expect(config.keys).toEqual({ anthropic: undefined, openai: undefined });
});

test(".env of the root is read from a folder below; the environment wins; an empty value is no value", () => {
  writeFileSync(join(root, ".env"), "PORT=1111\nWEB_PORT=2222\nANTHROPIC_API_KEY=\nDATA_DIR=./elsewhere\n");
  const config = readConfig({ PORT: "3333", OPENAI_API_KEY: "" }, join(root, "packages", "server"));
  expect(config).toMatchObject({ port: 3333, webPort: 2222, dataDir: join(root, "elsewhere") });
  expect(config.keys).toEqual({ anthropic: undefined, openai: undefined });
});

test.each([
  ["512m", 512 * 2 ** 20],
  ["1.5g", 1.5 * 2 ** 30],
  ["2048", 2048],
])("memory %s", (value, bytes) => {
  expect(readConfig({ SANDBOX_MEMORY: value }, root).sandbox.memoryBytes).toBe(bytes);
});

test("every wrong value is named", () => {
  const wrong = { PORT: "99999", SANDBOX_MEMORY: "lots", SANDBOX_NETWORK: "all", OPENAI_BASE_URL: "nope" };
  const names = Object.keys(wrong).map((name) => `(?=[^]*${name}: )`);
  expect(() => readConfig(wrong, root)).toThrow(new RegExp(names.join("")));
});
