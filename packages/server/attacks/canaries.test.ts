import { expect, test } from "vitest";
import { findCanaries, reverse } from "./canaries.ts";

const VALUE = "canary-key-0123456789abcdef";

test.each([
  ["as it is", `a ${VALUE} b`],
  ["reversed", reverse(VALUE)],
  ["in hexadecimal", Buffer.from(VALUE).toString("hex").toUpperCase()],
  ["in base64", Buffer.from(VALUE).toString("base64")],
  ["in base64, one byte in", Buffer.from(`x${VALUE}yz`).toString("base64")],
  ["in base64, two bytes in", Buffer.from(`xy${VALUE}`).toString("base64")],
  [
    "in base64 by lines",
    Buffer.from(VALUE)
      .toString("base64")
      .replace(/(.{7})/g, "$1\n"),
  ],
  ["URL-encoded", [...Buffer.from(VALUE)].map((byte) => `%${byte.toString(16)}`).join("")],
])("finds a value %s", (_name, text) => {
  expect(findCanaries(text, ["another", VALUE])).toEqual([VALUE]);
});

test("finds nothing where there is nothing", () => {
  expect(findCanaries(`${VALUE.slice(0, -1)} canary`, [VALUE])).toEqual([]);
});
