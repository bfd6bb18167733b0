import { expect, it } from "vitest";
import { readEnvFile } from "./read-env-file.ts";

it("reads quotes, exports, comments and values over several lines", () => {
  const text = [
    "# a comment",
    "PLAIN=one",
    "export EXPORTED='two # no comment'",
    'KEY="-----BEGIN KEY-----',
    "not an assignment",
    '-----END KEY-----"',
    "",
    "EMPTY=",
    "  SPACED = three  # a comment",
    'ESCAPED="a\\"b"',
  ].join("\r\n");
  const { values, unreadLines } = readEnvFile(text);
  expect(Object.fromEntries(values.map(({ name, value }) => [name, value]))).toMatchObject({
    PLAIN: "one",
    EXPORTED: "two # no comment",
    KEY: "-----BEGIN KEY-----\nnot an assignment\n-----END KEY-----",
    EMPTY: "",
    SPACED: "three",
  });
  expect(unreadLines).toEqual([]);
});

it("names the lines that it cannot read", () => {
  const { values, unreadLines } = readEnvFile("A=1\nthis is a sentence\nB=2\n=nothing\n");
  expect(values.map(({ name }) => name)).toEqual(["A", "B"]);
  expect(unreadLines).toEqual([2, 4]);
});

it("goes on after a quote that never ends", () => {
  const { values, unreadLines } = readEnvFile('A="half\nB=2\nwhat is this\n');
  expect(values.map(({ name }) => name)).toContain("B");
  expect(unreadLines).toEqual([3]);
});
