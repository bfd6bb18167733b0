import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createSealer, type SealPlace } from "./seal.ts";

const PLACE: SealPlace = ["secret", "global", "NPM_TOKEN"];

describe("sealing", () => {
  let dataDir: string;
  beforeEach(() => (dataDir = mkdtempSync(join(tmpdir(), "ba-seal-"))));
  afterEach(() => rmSync(dataDir, { recursive: true, force: true }));
  const keyFile = (): string => join(dataDir, "secret.key");

  it("gives the value back, also to a sealer made later", () => {
    const sealed = createSealer({ dataDir }).seal("s3cret\nwith ünicode", PLACE);
    expect(createSealer({ dataDir }).open(sealed, PLACE)).toBe("s3cret\nwith ünicode");
  });

  it("seals the same value differently each time, and never shows it", () => {
    const sealer = createSealer({ dataDir });
    const [one, two] = [sealer.seal("correct-horse", PLACE), sealer.seal("correct-horse", PLACE)];
    expect(one.equals(two)).toBe(false);
    expect(one.includes("correct-horse")).toBe(false);
  });

  it("opens nothing at another place", () => {
    const sealer = createSealer({ dataDir });
    const sealed = sealer.seal("value", PLACE);
    expect(sealer.open(sealed, ["secret", "global", "OTHER"])).toBeUndefined();
    expect(sealer.open(sealed, ["secret", "repo_1", "NPM_TOKEN"])).toBeUndefined();
    expect(sealer.open(sealed, ["key", "global", "NPM_TOKEN"])).toBeUndefined();
  });

  it("opens nothing with any bit changed", () => {
    const sealer = createSealer({ dataDir });
    const sealed = sealer.seal("value", PLACE);
    for (let at = 0; at < sealed.length; at += 1) {
      const changed = Buffer.from(sealed);
      changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
      expect(sealer.open(changed, PLACE), `byte ${at}`).toBeUndefined();
    }
    expect(sealer.open(sealed.subarray(0, 20), PLACE)).toBeUndefined();
    expect(sealer.open(Buffer.alloc(0), PLACE)).toBeUndefined();
  });

  it("opens nothing with another key, or with none", () => {
    const sealed = createSealer({ dataDir }).seal("value", PLACE);
    rmSync(keyFile());
    expect(createSealer({ dataDir }).open(sealed, PLACE)).toBeUndefined();
    createSealer({ dataDir }).seal("makes another key", PLACE);
    expect(createSealer({ dataDir }).open(sealed, PLACE)).toBeUndefined();
  });

  it("makes the key for its owner alone, and leaves nothing beside it", () => {
    createSealer({ dataDir }).seal("value", PLACE);
    expect(statSync(keyFile()).mode & 0o777).toBe(0o600);
    expect(readdirSync(dataDir)).toEqual(["secret.key"]);
  });

  it("takes a key file that others can read back to its owner", () => {
    const sealed = createSealer({ dataDir }).seal("value", PLACE);
    chmodSync(keyFile(), 0o644);
    expect(createSealer({ dataDir }).open(sealed, PLACE)).toBe("value");
    expect(statSync(keyFile()).mode & 0o777).toBe(0o600);
  });

  it("refuses to seal with a damaged key file, and does not replace it", () => {
    writeFileSync(keyFile(), "short");
    const sealer = createSealer({ dataDir });
    expect(() => sealer.seal("value", PLACE)).toThrow(/holds 5 bytes instead of 32/);
    expect(statSync(keyFile()).size).toBe(5);
  });
});
