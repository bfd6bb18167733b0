import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { newId, type SessionId } from "@background-agents/shared/ids";
import { pino } from "pino";
import { afterEach, beforeEach, expect, test } from "vitest";
import { AppError } from "../lib/app-error.ts";
import { measureDirectory } from "../lib/directory-size.ts";
import { createDiskUsage, NEEDED_FREE_BYTES } from "./disk-usage.ts";

let dataDir: string;
beforeEach(() => (dataDir = mkdtempSync(join(tmpdir(), "disk-"))));
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

const sessionId = newId("session");

function write(path: string, bytes: number): void {
  mkdirSync(dirname(join(dataDir, path)), { recursive: true });
  writeFileSync(join(dataDir, path), "x".repeat(bytes));
}

function usage(volumeBytes?: () => Promise<Map<SessionId, number>>) {
  const now = { ms: 0 };
  let freeBytes = NEEDED_FREE_BYTES;
  const disk = createDiskUsage({
    dataDir,
    store: { listUnpurged: () => [sessionId] },
    provider: volumeBytes === undefined ? {} : { volumeBytes },
    readFreeBytes: async () => freeBytes,
    clock: { now: () => new Date(now.ms) },
    log: pino({ level: "silent" }),
  });
  return { disk, now, setFree: (bytes: number) => (freeBytes = bytes) };
}

test("counts checkpoints by session, mirrors, blobs, and the database with its log and backups", async () => {
  write(`quarantine/${sessionId}/repository.git/objects/pack/a.pack`, 100_000);
  write(`quarantine/${newId("session")}/big`, 5_000_000);
  write("mirrors/a.git/HEAD", 200_000);
  write("blobs/ab/abc", 300_000);
  write("data.db", 400_000);
  write("data.db-wal", 400_000);
  write("data.db.v1.backup", 400_000);
  write("lock.db", 2_000_000);
  const { disk } = usage(async () => new Map([[sessionId, 7]]));
  const answer = await disk.read();
  const near = (bytes: number) => expect.toSatisfy((is: number) => is >= bytes && is < bytes + 90_000);
  expect(answer).toEqual({
    sessions: [{ sessionId, workspaceBytes: 7, checkpointBytes: near(100_000) }],
    mirrorsBytes: near(200_000),
    blobsBytes: near(300_000),
    databaseBytes: near(1_200_000),
    freeBytes: NEEDED_FREE_BYTES,
  });
});

test.each([
  ["that has no such call", undefined],
  ["that is down", () => Promise.reject(new AppError("engine.unavailable", "down"))],
])("an engine %s leaves the workspace unknown, not empty", async (_name, volumeBytes) => {
  const { disk } = usage(volumeBytes);
  expect((await disk.read()).sessions).toEqual([{ sessionId, workspaceBytes: null, checkpointBytes: 0 }]);
});

test("what was measured holds for 30 s", async () => {
  let asked = 0;
  const { disk, now } = usage(async () => new Map([[sessionId, (asked += 1)]]));
  const readWorkspace = async () => (await disk.read()).sessions[0]?.workspaceBytes;
  expect(await readWorkspace()).toBe(1);
  now.ms = 29_999;
  expect(await readWorkspace()).toBe(1);
  now.ms = 30_000;
  expect(await readWorkspace()).toBe(2);
});

test("asks for 2 GiB, each time anew", async () => {
  const { disk, setFree } = usage();
  await disk.requireSpace();
  setFree(NEEDED_FREE_BYTES - 1);
  await expect(disk.requireSpace()).rejects.toMatchObject({ code: "storage.failed" });
  await expect(disk.requireSpace()).rejects.toThrow(dataDir);
});

test("a directory's size does not follow links, and what is missing has none", async () => {
  write("tree/file", 50_000);
  write("elsewhere", 1_000_000);
  symlinkSync(join(dataDir, "elsewhere"), join(dataDir, "tree", "link"));
  symlinkSync(dataDir, join(dataDir, "tree", "loop"));
  expect(await measureDirectory(join(dataDir, "tree"))).toBeLessThan(200_000);
  expect(await measureDirectory(join(dataDir, "tree"))).toBeGreaterThan(49_000);
  expect(await measureDirectory(join(dataDir, "missing"))).toBe(0);
});
