import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { newId } from "@background-agents/shared/ids";
import { pino } from "pino";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createBlobStore } from "../blobs/blob-store.ts";
import { createHubDirectories } from "../sandboxes/hub-directory.ts";
import { sweepLeftovers } from "./sweep-leftovers.ts";

let root: string;
beforeEach(() => (root = mkdtempSync(join(tmpdir(), "sweep-"))));
afterEach(() => rmSync(root, { recursive: true, force: true }));

const NOW = new Date("2026-02-02T12:00:00.000Z");
const old = new Date("2026-02-01T11:00:00.000Z");
const fresh = new Date("2026-02-01T13:00:00.000Z");

function make(path: string, at: Date, files: string[] = []): string {
  const full = join(root, path);
  mkdirSync(full, { recursive: true });
  for (const file of files) writeFileSync(join(full, file), "x");
  utimesSync(full, at, at);
  return full;
}

function makeFile(path: string, at: Date): string {
  const full = join(root, path);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, "x");
  utimesSync(full, at, at);
  return full;
}

const sweep = (boots: ReturnType<typeof newId<"boot">>[] = []) =>
  sweepLeftovers({
    reposDir: join(root, "repos"),
    boots: { list: () => boots },
    directories: createHubDirectories({ dataDir: root, instance: "0123456789" }),
    blobs: createBlobStore({ dataDir: root }),
    clock: { now: () => NOW },
    log: pino({ level: "silent" }),
  });

test("removes what was left unfinished for a day, and nothing else", async () => {
  const known = newId("boot");
  const hash = "ab".repeat(32);
  const gone = [
    make("repos/.background-agents-a1B2c3", old),
    make("repos/.background-agents-zzzzzz", old, ["repository"]),
    make("run/0123456789ab", old, ["token"]),
    makeFile(`blobs/ab/${hash}.1234.part`, old),
  ];
  const kept = [
    make("repos/.background-agents-d4E5f6", fresh),
    make("repos/.background-agents-mine00", old, ["notes.txt"]),
    make("repos/.background-agents-settings", old),
    make("repos/project", old),
    makeFile("repos/.background-agents-ffffff", old),
    make(`run/${known.slice(-12)}`, old, ["token"]),
    make("run/abcdefabcdef", fresh),
    makeFile("run/processes.json", old),
    makeFile(`blobs/ab/${hash}`, old),
    makeFile(`blobs/ab/${hash}.5678.part`, fresh),
  ];
  await sweep([known]);
  expect(gone.filter((path) => existsSync(path))).toEqual([]);
  expect(kept.filter((path) => !existsSync(path))).toEqual([]);
});

test("one place that cannot be read does not keep the others from being swept", async () => {
  const part = makeFile("blobs/cd/x.part", old);
  await sweep();
  expect(existsSync(join(root, "repos"))).toBe(false);
  expect(existsSync(part)).toBe(false);
});
