import { expect, it } from "vitest";
import { createRedactor } from "../secrets/redact.ts";
import { createValueFinder } from "./find-values.ts";

const VALUE = "tök-0d4b7a91e3";
const redactor = createRedactor([
  { name: "TOKEN", value: VALUE },
  { name: "OTHER", value: "another-88123" },
]);

function find(...pieces: Buffer[]): Record<string, number> {
  const finder = createValueFinder(redactor);
  for (const piece of pieces) finder.push(piece);
  return Object.fromEntries(finder.lines);
}

it("names each value once, with its first line", () => {
  expect(find(Buffer.from(`a\n${VALUE}\n${VALUE}\nanother-88123`))).toEqual({ TOKEN: 2, OTHER: 4 });
  expect(find(Buffer.from("nothing"))).toEqual({});
});

it("finds a value wherever pieces are cut, and counts the lines before", () => {
  const content = Buffer.from(`${"line\n".repeat(2000)}const token = "${VALUE}";\n`);
  for (let cut = content.length - 30; cut < content.length; cut += 1) {
    expect(find(content.subarray(0, 5000), content.subarray(5000, cut), content.subarray(cut))).toEqual({
      TOKEN: 2001,
    });
  }
});

it.each<[string, Buffer]>([
  ["UTF-16", Buffer.from(`\ufeffa\nx${VALUE.replace("ö", "o")}`, "utf16le")],
  ["base64", Buffer.from(`a\n${Buffer.from(`x${VALUE.replace("ö", "o")}y`).toString("base64")}`)],
  ["hex", Buffer.from(`a\n${Buffer.from(VALUE.replace("ö", "o")).toString("hex")}`)],
  ["an address", Buffer.from(`a\nhttps://example.org/?t=${encodeURIComponent(VALUE.replace("ö", "o"))}`)],
  ["bytes that are no text", Buffer.concat([Buffer.from([0xff, 0, 10, 0xfe]), Buffer.from(VALUE.replace("ö", "o"))])],
])("finds it in %s", (_how, bytes) => {
  const plain = createValueFinder(createRedactor([{ name: "TOKEN", value: VALUE.replace("ö", "o") }]));
  plain.push(bytes);
  expect(Object.fromEntries(plain.lines)).toEqual({ TOKEN: 2 });
});
