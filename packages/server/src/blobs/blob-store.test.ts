import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { newId } from "@background-agents/shared/ids";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createBlobStore } from "./blob-store.ts";

let dataDir: string;
beforeEach(() => (dataDir = mkdtempSync(join(tmpdir(), "blobs-"))));
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

const [one, other] = [newId("session"), newId("session")];
const hashOf = (content: string) => createHash("sha256").update(content).digest("hex");

function open(options: { idleLimitMs?: number } = {}) {
  const blobs = createBlobStore({ dataDir, ...options });
  const save = (sessionId: typeof one, content: string) =>
    blobs.save(sessionId, hashOf(content), Readable.from([Buffer.from(content)]));
  return { ...blobs, save };
}

/** All files there are. */
const files = async () =>
  (await readdir(join(dataDir, "blobs"), { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());

test("tells what a session sent, whoever else sent it, small ones as what a file takes", async () => {
  const blobs = open();
  const large = "x".repeat(100_000);
  await blobs.save(one, large);
  await blobs.save(other, large);
  await blobs.save(other, large);
  expect(await blobs.heldBy(one)).toBe(100_000);
  await blobs.save(one, "small");
  expect(await blobs.heldBy(one)).toBe(108_192);
  expect(await open().heldBy(one)).toBe(108_192);
  expect(await blobs.heldBy(other)).toBe(100_000);
  expect(await blobs.heldBy(newId("session"))).toBe(0);
});

test("removes what a session sent, but not what another one sent too", async () => {
  const blobs = open();
  await blobs.save(one, "shared");
  await blobs.save(one, "alone");
  await blobs.save(other, "shared");
  await blobs.forget(one);
  expect(() => blobs.read(hashOf("alone"))).toThrow("no such blob");
  expect(await text(blobs.read(hashOf("shared")))).toBe("shared");
  expect(await blobs.heldBy(one)).toBe(0);
  await blobs.forget(one);
  await blobs.forget(other);
  expect(await files()).toEqual([]);
});

test("leaves what was there before owners were noted, whoever sends it now and goes", async () => {
  const blobs = open();
  await blobs.save(one, "earlier");
  rmSync(join(dataDir, "blobs", "of"), { recursive: true });
  await blobs.save(other, "earlier");
  await blobs.save(other, "new");
  await blobs.forget(other);
  expect(await text(blobs.read(hashOf("earlier")))).toBe("earlier");
  expect(() => blobs.read(hashOf("new"))).toThrow("no such blob");
  // Nor does a second one that comes and goes take it away.
  await blobs.save(one, "earlier");
  await blobs.forget(one);
  expect(await text(blobs.read(hashOf("earlier")))).toBe("earlier");
});

test("keeps nothing of an upload that is not what it says, or stands still", async () => {
  const blobs = open({ idleLimitMs: 50 });
  await expect(blobs.save(one, "said")).resolves.toBeUndefined();
  const lie = createBlobStore({ dataDir }).save(one, hashOf("truth"), Readable.from([Buffer.from("lie")]));
  await expect(lie).rejects.toThrow("SHA-256");
  const still = new PassThrough();
  still.write("the beginning");
  await expect(createBlobStore({ dataDir, idleLimitMs: 50 }).save(one, hashOf("all"), still)).rejects.toThrow(
    "stood still",
  );
  await blobs.forget(one);
  expect(await files()).toEqual([]);
});
