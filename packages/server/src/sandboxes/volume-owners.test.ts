import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { newId } from "@background-agents/shared/ids";
import { createVolumeOwners, type VolumeOwners } from "./volume-owners.ts";

let dataDir: string;
let owners: VolumeOwners;
const sessionId = newId("session");
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "owners-"));
  owners = createVolumeOwners({ dataDir, defaultUser: "10001:10001" });
});
afterEach(() => rmSync(dataDir, { recursive: true }));

/** To whom `ensure` gave the volumes, in order. */
async function changesOf(...users: string[]): Promise<string[]> {
  const changes: string[] = [];
  for (const user of users) await owners.ensure(sessionId, user, async () => void changes.push(user));
  return changes;
}

test("volumes are given away once, and back", async () => {
  expect(await changesOf("10001:10001", "1000:1000", "1000:1000", "10001:10001", "10001:10001")).toEqual([
    "1000:1000",
    "10001:10001",
  ]);
});

test("a change that was cut off is made again, whoever comes", async () => {
  const cut = owners.ensure(sessionId, "1000:1000", async () => Promise.reject(new Error("cut off")));
  await expect(cut).rejects.toThrow("cut off");
  expect(await changesOf("10001:10001")).toEqual(["10001:10001"]);
});

test("removed volumes are new ones when they come again", async () => {
  await changesOf("1000:1000");
  owners.forget(sessionId);
  expect(await changesOf("10001:10001")).toEqual([]);
});
