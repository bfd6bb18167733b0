import { expect, test } from "vitest";
import { findFailures } from "./find-failures.mjs";

const passed = { status: "passed", fullName: "adds", failureMessages: [] };
const failed = { status: "failed", fullName: "sums up", failureMessages: ["expected 1", "to be 2"] };

test("names the tests that failed, and files that do not load", () => {
  const report = {
    testResults: [
      { name: "a.test.ts", status: "failed", message: "", assertionResults: [passed, failed] },
      { name: "b.test.ts", status: "failed", message: "no such module", assertionResults: [] },
      { name: "c.test.ts", status: "passed", message: "", assertionResults: [passed] },
    ],
  };
  expect(findFailures(JSON.stringify(report))).toEqual([
    { title: "a.test.ts: sums up", message: "expected 1\nto be 2" },
    { title: "b.test.ts", message: "no such module" },
  ]);
});

test("finds them in groups of any depth, with each try's error", () => {
  const spec = (title: string, status: string, ...errors: string[]) => ({
    title,
    tests: [{ status, results: errors.map((message) => ({ errors: [{ message }] })) }],
  });
  const report = {
    suites: [
      {
        title: "page.spec.ts",
        specs: [spec("opens", "expected"), spec("closes", "unexpected", "timed out")],
        suites: [{ title: "inner", specs: [spec("moves", "flaky", "first", "second")] }],
      },
    ],
  };
  expect(findFailures(JSON.stringify(report))).toEqual([
    { title: "page.spec.ts › closes", message: "timed out" },
    { title: "page.spec.ts › inner › moves", message: "first\nsecond" },
  ]);
});

test.each([[undefined], ["{"], ['{"passed":1,"failed":1}'], ["null"]])("says nothing about %s", (report) => {
  expect(findFailures(report)).toEqual([]);
});
