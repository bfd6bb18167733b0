import { expect, it } from "vitest";
import { readNumber } from "./number-row.tsx";

const GIB = 1024 ** 3;

it("reads a number in its unit", () => {
  expect(readNumber("sandbox.memoryBytes", "1.5", GIB)).toEqual({ value: 1.5 * GIB });
  expect(readNumber("sandbox.cpus", "0,5", 1)).toEqual({ value: 0.5 });
});

it("takes nothing for no limit only where there may be none", () => {
  expect(readNumber("sandbox.diskBytes", " ", GIB)).toEqual({ value: null });
  expect(readNumber("sandbox.memoryBytes", "", GIB)).toEqual({ problem: "Write a number." });
});

it("names the limits in the same unit", () => {
  expect(readNumber("sandbox.memoryBytes", "0.1", GIB)).toEqual({ problem: "The least is 0.5." });
  expect(readNumber("sandbox.memoryBytes", "9999999", GIB)).toEqual({ problem: "The most is 1024." });
  expect(readNumber("sandbox.diskBytes", "0", GIB)).toEqual({
    problem: "The least is 1. Leave it empty for no limit.",
  });
  expect(readNumber("setup.timeoutMs", "100000", 1000)).toEqual({ problem: "The most is 86400." });
  expect(readNumber("sandbox.cpus", "0", 1)).toEqual({ problem: "It must be more than 0." });
});
