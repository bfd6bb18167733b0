import { expect, test } from "vitest";
import { readStartOptions } from "./start-options.ts";

test("five samples and no file by default", () => {
  expect(readStartOptions([])).toEqual({ samples: 5, jsonFile: undefined });
});

test("the file is made absolute", () => {
  expect(readStartOptions(["--samples", "2", "--json", "/tmp/../tmp/start.json"])).toEqual({
    samples: 2,
    jsonFile: "/tmp/start.json",
  });
});

test.each([["0"], ["1.5"], ["many"], ["-3"]])("%s samples are refused", (samples) => {
  expect(() => readStartOptions([`--samples=${samples}`])).toThrow(/must be a whole number/);
});

test("what is not known is refused", () => {
  expect(() => readStartOptions(["--sample", "3"])).toThrow(/--sample/);
});
