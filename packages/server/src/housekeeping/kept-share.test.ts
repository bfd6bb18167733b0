import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { newId, type SessionId } from "@background-agents/shared/ids";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createBlobStore } from "../blobs/blob-store.ts";
import { createKeptShare } from "./kept-share.ts";

const MIB = 2 ** 20;

let dataDir: string;
beforeEach(() => (dataDir = mkdtempSync(join(tmpdir(), "kept-"))));
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

const [one, other] = [newId("session"), newId("session")];

function open(options: { limit?: number | null } = {}) {
  const state = { limit: options.limit === undefined ? 10 * MIB : options.limit, free: 2 ** 30, history: 0 };
  const stops: { sessionId: SessionId; reason: string }[] = [];
  const recorded: SessionId[] = [];
  const share = createKeptShare({
    ...{ dataDir, blobs: createBlobStore({ dataDir }), log: pino({ level: "silent" }) },
    ...{ historyLimitBytes: 1000, endingBytes: 100 },
    events: { sizeAfter: (_id, seq) => ({ bytes: state.history, seq: seq + 1 }) },
    sandboxes: {
      stop: async (sessionId, reason) => void stops.push({ sessionId, reason }),
    },
    recorder: {
      record: (sessionId) => {
        recorded.push(sessionId);
        return undefined as never;
      },
    },
    limitOf: () => state.limit,
    readFreeBytes: async () => state.free,
  });
  return { ...share, state, stops, recorded };
}

const send = (share: ReturnType<typeof open>, sessionId: SessionId, letter: string) => {
  const content = Buffer.alloc(4 * MIB, letter);
  return share.takeBlob(sessionId, createHash("sha256").update(content).digest("hex"), Readable.from([content]));
};

describe("files", () => {
  test("are taken until the session's share is used up, also where many come at once", async () => {
    const share = open();
    const sent = await Promise.allSettled(["a", "b", "c", "d", "e", "f"].map((letter) => send(share, one, letter)));
    expect(sent.map(({ status }) => status)).toEqual([
      ...["fulfilled", "fulfilled", "fulfilled"],
      ...["rejected", "rejected", "rejected"],
    ]);
    await expect(share.requireRoom(one)).rejects.toMatchObject({
      code: "storage.failed",
      message: expect.stringContaining("SANDBOX_DISK"),
    });
    await send(share, other, "a");
    share.state.limit = 100 * MIB;
    await send(share, one, "g");
    share.state.limit = null;
    await expect(share.requireRoom(one)).resolves.toBeUndefined();
  });

  test("are checkpoints and conversations, too", async () => {
    const share = open();
    mkdirSync(join(dataDir, "quarantine", one, "conversations"), { recursive: true });
    writeFileSync(join(dataDir, "quarantine", one, "conversations", "a.json"), Buffer.alloc(7 * MIB, "x"));
    await send(share, one, "a");
    await expect(send(share, one, "b")).rejects.toThrow("its share is");
  });

  test("are not taken where the disk has little left, whatever the share", async () => {
    const share = open({ limit: null });
    await send(share, one, "a");
    share.state.free = 511 * MIB;
    await expect(send(share, one, "b")).rejects.toMatchObject({ code: "storage.failed" });
  });
});

describe("what a session tells", () => {
  test("is recorded until it is too much; then its sandbox is stopped, and only its end is let through", async () => {
    const share = open();
    let reports = 0;
    const tell = (bytes: number) => {
      share.state.history = bytes;
      share.takeReport(one, () => (reports += 1));
    };
    tell(600);
    tell(399);
    expect(share.stops).toEqual([]);
    tell(1);
    expect(reports).toBe(3);
    expect(share.recorded).toEqual([one]);
    expect(share.stops).toEqual([{ sessionId: one, reason: expect.stringContaining("fork it") }]);
    expect(() => tell(100)).toThrow("are kept of one");
    expect(reports).toBe(3);
  });

  test("keeps its sandbox from beginning again", () => {
    const share = open();
    share.requireHistory(one);
    share.state.history = 1000;
    expect(() => share.requireHistory(one)).toThrow("fork it");
  });
});
