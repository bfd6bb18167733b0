import { mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newId } from "@background-agents/shared/ids";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createProfileBook } from "./profile-book.ts";

let dataDir: string;
beforeEach(() => (dataDir = mkdtempSync(join(tmpdir(), "profiles-"))));
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

const expected = {
  profile: { User: "1:1", Env: [], Labels: {}, HostConfig: { NetworkMode: "none", Mounts: [], PidsLimit: 512 } },
  image: { id: "sha256:1", env: [], entrypoint: ["node"], cmd: null },
};

test("keeps a boot's profile for the next server, for this user only", () => {
  const boot = newId("boot");
  createProfileBook({ dataDir }).save(boot, expected);
  const book = createProfileBook({ dataDir });
  expect(book.find(boot)).toEqual(expected);
  expect(statSync(join(dataDir, "profiles")).mode & 0o777).toBe(0o700);
  expect(book.find(newId("boot"))).toBeUndefined();
  writeFileSync(join(dataDir, "profiles", `${boot}.json`), "{");
  expect(book.find(boot)).toBeUndefined();
});

test("forgets old boots that have no container", () => {
  const [known, old, fresh] = [newId("boot"), newId("boot"), newId("boot")];
  const book = createProfileBook({ dataDir });
  for (const boot of [known, old, fresh]) book.save(boot, expected);
  for (const boot of [known, old]) utimesSync(join(dataDir, "profiles", `${boot}.json`), 0, 0);
  book.removeUnknown(new Set([known]), new Date(1000));
  expect([known, old, fresh].map((boot) => book.find(boot) !== undefined)).toEqual([true, false, true]);
});
