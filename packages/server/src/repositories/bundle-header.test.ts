import { expect, it } from "vitest";
import { parseBundleHeader } from "./bundle-header.ts";

const A = "a".repeat(40);
const B = "b".repeat(40);
const PACK = Buffer.concat([Buffer.from("PACK"), Buffer.from([0, 0, 0, 2, 0, 0, 1, 3]), Buffer.from("rest")]);
const bundle = (head: string) => Buffer.concat([Buffer.from(head), PACK]);

it("reads versions 2 and 3", () => {
  const lines = `-${A} A subject\n-${B}\n${A} refs/x/head\n\n`;
  const expected = { prerequisites: [A, B], refs: [{ name: "refs/x/head", commit: A }], objectCount: 259 };
  const two = `# v2 git bundle\n${lines}`;
  expect(parseBundleHeader(bundle(two))).toEqual({ ...expected, packOffset: two.length });
  const three = `# v3 git bundle\n@object-format=sha1\n${lines}`;
  expect(parseBundleHeader(bundle(three))).toEqual({ ...expected, packOffset: three.length });
});

it.each([
  ["nothing", Buffer.alloc(0)],
  ["no end of the head", Buffer.from(`# v2 git bundle\n${A} refs/x/head\n`)],
  ["another signature", bundle(`# v9 git bundle\n${A} refs/x/head\n\n`)],
  ["no signature", bundle(`${A} refs/x/head\n\n`)],
  ["SHA-256", bundle(`# v3 git bundle\n@object-format=sha256\n${"a".repeat(64)} refs/x/head\n\n`)],
  ["a filter", bundle(`# v3 git bundle\n@object-format=sha1\n@filter=blob:none\n${A} refs/x/head\n\n`)],
  ["a capability in version 2", bundle(`# v2 git bundle\n@object-format=sha1\n${A} refs/x/head\n\n`)],
  ["a short id", bundle(`# v2 git bundle\n${A.slice(1)} refs/x/head\n\n`)],
  ["an option for an id", bundle(`# v2 git bundle\n--all\n${A} refs/x/head\n\n`)],
  ["a ref with blanks", bundle(`# v2 git bundle\n${A} refs/x/head more\n\n`)],
  ["no pack", Buffer.from(`# v2 git bundle\n${A} refs/x/head\n\nPAC`)],
  ["something else for a pack", Buffer.from(`# v2 git bundle\n${A} refs/x/head\n\nKCAP00000000`)],
  [
    "a head without end",
    Buffer.concat([Buffer.from("# v2 git bundle\n"), Buffer.alloc(70_000, "-"), Buffer.from("\n\n"), PACK]),
  ],
])("refuses %s", (_what, head) => {
  expect(() => parseBundleHeader(head)).toThrow(expect.objectContaining({ code: "checkpoint.refused" }));
});
