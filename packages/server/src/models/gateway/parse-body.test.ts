import { expect, it } from "vitest";
import { parseBody } from "./parse-body.ts";

const parse = (text: string) => parseBody(Buffer.from(text));

it("reads an object, whatever its texts hold", () => {
  const text = ',[{"'.repeat(100_000);
  expect(parse(JSON.stringify({ model: "m", text }))).toEqual({ model: "m", text });
});

it.each(["", "{", "[]", "null", '"text"', "1"])("reads nothing else: %j", (text) => {
  expect(parse(text)).toBeUndefined();
});

it.each(["[]", "{}", "1"])("does not read millions of %s", (value) => {
  const list = (count: number) => `{"x":[${`${value},`.repeat(count)}0]}`;
  expect(parse(list(10))).toBeDefined();
  expect(parse(list(2_000_000))).toBeUndefined();
});
