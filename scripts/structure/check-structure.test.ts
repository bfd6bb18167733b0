import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { findCycles } from "./find-cycles.mjs";
import { readSources } from "./read-sources.mjs";
import { findProblems } from "./rules.mjs";

/** A small house in good order. Each test spoils it in one way and must see exactly that caught. */
const SOUND: Record<string, string> = {
  "packages/shared/src/ids.ts": `import { z } from "zod"; export const Id = z.string();`,
  "packages/server/src/main.ts": `import { createApp } from "./app.ts"; createApp(process.env);`,
  "packages/server/src/app.ts": `import "./sessions/session-service.ts"; export const createApp = (env: unknown) => env;`,
  "packages/server/src/config.ts": `export const port = process.env["PORT"];`,
  "packages/server/src/sessions/session-service.ts": `import type { Row } from "./session-store.ts"; export type X = Row;`,
  "packages/server/src/sessions/session-store.ts": `export type Row = string; export const all = "SELECT * FROM sessions";`,
  "packages/server/src/events/event-hub.ts": `export const say = "SELECT one of these";`.replace("SELECT", "Select"),
  "packages/server/src/sessions/session-service.test.ts": `import "../testing/fake.ts"; const x = process.env.X;`,
  "packages/server/src/lib/address.ts": `import { isIP, type Server } from "node:net"; export const a = (s: Server) => isIP(String(s));`,
  "packages/server/src/testing/fake.ts": `import { createServer } from "node:http"; export { createServer };`,
  "packages/sandbox/src/main.ts": `import "./opencode/agent-client.ts";`,
  "packages/sandbox/src/opencode/agent-client.ts": `import { Id } from "@background-agents/shared/ids"; fetch(String(Id));`,
  "packages/web/src/app/page.tsx": `import { A } from "../features/a/a.tsx"; export const Page = () => <A<string> />;`,
  "packages/web/src/features/a/a.tsx": `import { get } from "../../api/get.ts"; export const A = <T,>() => <b>{String(get)}</b>;`,
  "packages/web/src/features/b/b.tsx": `export const B = process.env.NODE_ENV;`,
  "packages/web/src/api/get.ts": `export const get = () => fetch("/");`,
};

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "structure-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(files: Record<string, string>) {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  }
}

function check(files: Record<string, string>): string[] {
  write(files);
  const sources = readSources(root);
  return [...findProblems(sources), ...findCycles(sources)];
}

/** The command itself, as lint runs it. */
function run() {
  const script = join(import.meta.dirname, "../check-structure.mjs");
  const { status, stdout } = spawnSync(process.execPath, [script, root], { encoding: "utf8" });
  return { status, summary: stdout.trim() };
}

test("approves of a house in good order", () => {
  expect(check(SOUND)).toEqual([]);
  expect(run()).toEqual({ status: 0, summary: `structure: ${Object.keys(SOUND).length} files read, 0 problems` });
});

test("fails where nothing was read", () => {
  expect(run()).toEqual({ status: 1, summary: "structure: 0 files read, 4 problems" });
});

const SERVICE = "packages/server/src/events/event-log.ts";
const UI = "packages/web/src/features/b/b.tsx";

describe("catches", () => {
  test.each([
    ["an import from above", SERVICE, `import "../sessions/session-store.ts";`, /"events" imports "sessions"/],
    [
      "a type-only one",
      SERVICE,
      `import type { Row } from "../sessions/session-store.ts"; export type Y = Row;`,
      /above/,
    ],
    [
      "an inline type one",
      SERVICE,
      `import { type Row } from "../sessions/session-store.ts"; export type Y = Row;`,
      /above/,
    ],
    ["an import type expression", SERVICE, `export type Y = import("../sessions/session-store.ts").Row;`, /above/],
    ["a dynamic one", SERVICE, `await import("../sessions/session-store.ts");`, /above/],
    ["a template one", SERVICE, "await import(`../sessions/session-store.ts`);", /above/],
    ["a re-export", SERVICE, `export * from "../sessions/session-store.ts";`, /above/],
    ["a named re-export", SERVICE, `export type { Row } from "../sessions/session-store.ts";`, /above/],
    ["one over several lines", SERVICE, `import {\n  type Row,\n} from "../sessions/session-store.ts";`, /above/],
    ["an ending left out", SERVICE, `import "../sessions/session-store";`, /above/],
    ["a folder without a place", "packages/server/src/extras/a.ts", `import "../lib/x.ts";`, /no place/],
    [
      "a feature in a feature",
      UI,
      `import { A } from "../a/a.tsx"; export { A };`,
      /features "b" imports features "a"/,
    ],
    ["the page inside a feature", UI, `import "../../app/page.tsx";`, /"features" imports "app"/],
    ["server in web", UI, `import "@background-agents/server/main";`, /package web imports package server/],
    [
      "sandbox in server by path",
      SERVICE,
      `import "../../../sandbox/src/main.ts";`,
      /package server imports package sandbox/,
    ],
    ["shared by path", SERVICE, `import "../../../shared/src/ids.ts";`, /by path/],
    [
      "server in shared",
      "packages/shared/src/a.ts",
      `import "@background-agents/server/app";`,
      /package shared imports/,
    ],
    ["node in shared", "packages/shared/src/a.ts", `import { join } from "node:path"; join();`, /browser/],
    [
      "SQL elsewhere",
      "packages/server/src/lib/a.ts",
      `export const q = (t: string) => \`SELECT * FROM \${t}\`;`,
      /holds SQL/,
    ],
    [
      "a database elsewhere",
      "packages/server/src/lib/a.ts",
      `import D from "better-sqlite3"; new D();`,
      /open databases/,
    ],
    ["the environment", "packages/server/src/lib/a.ts", `export const a = process.env.HOME;`, /environment/],
    ["the environment by brackets", "packages/server/src/lib/a.ts", `export const a = process["env"];`, /environment/],
    [
      "the environment taken apart",
      "packages/server/src/lib/a.ts",
      `const { env } = process; export { env };`,
      /environment/,
    ],
    [
      "the environment imported",
      "packages/server/src/lib/a.ts",
      `import { env } from "node:process"; export { env };`,
      /process/,
    ],
    [
      "the environment of the page",
      "packages/web/src/lib/a.ts",
      `export const a = process.env.API_URL;`,
      /environment/,
    ],
    [
      "a child process",
      "packages/server/src/lib/a.ts",
      `import { spawn } from "node:child_process"; spawn("x");`,
      /outside/,
    ],
    [
      "a socket beside something harmless",
      "packages/server/src/lib/a.ts",
      `import { connect, isIP } from "node:net"; connect(isIP(""));`,
      /outside/,
    ],
    ["all of a module", "packages/server/src/lib/a.ts", `import * as net from "node:net"; net.connect(1);`, /outside/],
    [
      "a module loaded late",
      "packages/server/src/lib/a.ts",
      `const net = await import("node:net"); net.connect(1);`,
      /outside/,
    ],
    ["an old module name", "packages/server/src/lib/a.ts", `import { connect } from "net"; connect(1);`, /outside/],
    ["a fetch in the page", "packages/web/src/lib/a.ts", `export const a = fetch("/");`, /uses fetch/],
    ["a browser socket", "packages/web/src/lib/a.ts", `export const a = new WebSocket("/");`, /uses WebSocket/],
    ["test code in the product", "packages/server/src/lib/a.ts", `import "../testing/fake.ts";`, /test code/],
    ["an empty name", "packages/server/src/lib/utils.ts", `export {};`, /says nothing/],
    ["a long file", "packages/server/src/lib/a.ts", "export {};\n".repeat(301), /301 lines/],
  ])("%s", (...[, file, text, expected]) => {
    const lib = file.includes("extras") ? { "packages/server/src/lib/x.ts": "export {};" } : {};
    const problems = check({ ...SOUND, ...lib, [file]: text });
    expect(problems).toEqual([expect.stringMatching(expected)]);
    expect(problems[0]).toContain(file);
  });

  test("a cycle, by types as well", () => {
    const problems = check({
      ...SOUND,
      "packages/server/src/lib/a.ts": `import { b } from "./b.ts"; export type A = string; export { b };`,
      "packages/server/src/lib/b.ts": `import { c } from "./c.ts"; export const b = c;`,
      "packages/server/src/lib/c.ts": `import type { A } from "./a.ts"; export const c: A = "";`,
    });
    expect(problems).toEqual([expect.stringMatching(/imports itself by way of .*a\.ts, .*b\.ts, .*c\.ts$/)]);
  });
});

test("counts neither comments nor empty lines as code", () => {
  const text = `/*\n${"words\n".repeat(200)}*/\n${"\n// words\n".repeat(200)}${"export {};\n".repeat(300)}`;
  expect(check({ ...SOUND, "packages/server/src/lib/a.ts": text })).toEqual([]);
});
