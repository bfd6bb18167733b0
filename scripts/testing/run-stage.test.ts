import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { countCheck, countFaults, countPlaywright, countVitest } from "./count-results.mjs";
import { runStage } from "./run-stage.mjs";
import { selectStages, STAGES, type Stage } from "./stages.mjs";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "run-stage-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const vitestReport = (passed: number, failed: number) =>
  JSON.stringify({ numPassedTests: passed, numFailedTests: failed, numPendingTests: 1, numTodoTests: 1 });
const playwrightReport = (expected: number, unexpected: number, flaky: number) =>
  JSON.stringify({ stats: { expected, unexpected, flaky, skipped: 1 } });

describe("counts", () => {
  test.each([
    ["a check that passes", countCheck(0, undefined), { passed: 1, failed: 0, skipped: 0 }],
    ["a check that fails", countCheck(2, undefined), { passed: 0, failed: 1, skipped: 0 }],
    ["vitest", countVitest(0, vitestReport(7, 0)), { passed: 7, failed: 0, skipped: 2 }],
    ["vitest with failures", countVitest(1, vitestReport(7, 3)), { passed: 7, failed: 3, skipped: 2 }],
    ["a file that does not load", countVitest(1, vitestReport(7, 0)), { passed: 7, failed: 1, skipped: 2 }],
    ["vitest that found nothing", countVitest(0, vitestReport(0, 0)), { passed: 0, failed: 1, skipped: 2 }],
    ["vitest without a report", countVitest(0, undefined), { passed: 0, failed: 1, skipped: 0 }],
    ["vitest cut off", countVitest(1, '{"numPassed'), { passed: 0, failed: 1, skipped: 0 }],
    ["playwright", countPlaywright(0, playwrightReport(4, 0, 0)), { passed: 4, failed: 0, skipped: 1 }],
    [
      "playwright with a flaky one",
      countPlaywright(0, playwrightReport(4, 1, 1)),
      { passed: 4, failed: 2, skipped: 1 },
    ],
    ["faults", countFaults(0, '{"passed":40,"failed":0,"skipped":2}'), { passed: 40, failed: 0, skipped: 2 }],
    ["faults with a failure", countFaults(1, '{"passed":39,"failed":1}'), { passed: 39, failed: 1, skipped: 0 }],
    ["faults that ended early", countFaults(1, undefined), { passed: 0, failed: 1, skipped: 0 }],
    ["faults that found nothing", countFaults(0, '{"passed":0,"failed":0}'), { passed: 0, failed: 1, skipped: 0 }],
    ["playwright that found nothing", countPlaywright(0, "{}"), { passed: 0, failed: 1, skipped: 0 }],
  ])("%s", (...[, counts, expected]) => {
    expect(counts).toEqual(expected);
  });
});

function stage(command: string[], changes: Partial<Stage> = {}): Stage {
  return { name: "sample", kind: "check", command, needs: [], limitMs: 60_000, count: countCheck, ...changes };
}

const place = () => ({ root, outputDir: join(root, "out"), env: process.env });

test("keeps the whole output in a file and reads the runner's report", async () => {
  const script = `
    console.log("out"); console.error("err");
    require("node:fs").writeFileSync(process.env.REPORT, ${JSON.stringify(vitestReport(2, 1))});
    process.exitCode = 1`;
  const result = await runStage(
    stage([process.execPath, "-e", script], { count: countVitest, env: (file) => ({ REPORT: file }) }),
    place(),
  );
  expect(result).toMatchObject({ passed: 2, failed: 1, timedOut: false });
  expect(readFileSync(result.logFile, "utf8").split("\n").toSorted()).toEqual(["", "err", "out"]);
});

test("does not take an earlier run's report for this one's", async () => {
  const write = `require("node:fs").writeFileSync(process.env.REPORT, ${JSON.stringify(vitestReport(2, 0))})`;
  const changes: Partial<Stage> = { count: countVitest, env: (file) => ({ REPORT: file }) };
  expect(await runStage(stage([process.execPath, "-e", write], changes), place())).toMatchObject({
    passed: 2,
    failed: 0,
  });
  expect(await runStage(stage([process.execPath, "-e", ""], changes), place())).toMatchObject({ passed: 0, failed: 1 });
});

test("ends a stage that hangs, with everything it started", async () => {
  const marker = join(root, "still-here");
  const late = `setTimeout(() => require("node:fs").writeFileSync(${JSON.stringify(marker)}, ""), 400)`;
  const hangs = `require("node:child_process").spawn(process.execPath, ["-e", ${JSON.stringify(late)}]); setInterval(() => {}, 1000)`;
  const result = await runStage(stage([process.execPath, "-e", hangs], { limitMs: 100 }), place());
  expect(result).toMatchObject({ passed: 0, failed: 1, timedOut: true });
  // The marker would come 400 ms after its writer started; another process that waits longer than that is our clock.
  await runStage(stage([process.execPath, "-e", "setTimeout(() => {}, 800)"]), place());
  expect(existsSync(marker)).toBe(false);
});

test("a program that is not there is a failure", async () => {
  expect(await runStage(stage(["no-such-program"]), place())).toMatchObject({ passed: 0, failed: 1 });
});

test("selects stages with the set-ups they need, in order", () => {
  expect(selectStages(["e2e", "lint"]).map(({ name }) => name)).toEqual([
    "dependencies",
    "lint",
    "sshd",
    "build",
    "engine",
    "image",
    "chromium",
    "e2e",
  ]);
  expect(selectStages([])).toBe(STAGES);
  expect(() => selectStages(["nothing"])).toThrow('no stage "nothing"');
});

test("each stage comes after what it needs", () => {
  const names = STAGES.map(({ name }) => name);
  for (const [at, { needs }] of STAGES.entries()) {
    for (const need of needs) expect(names.slice(0, at)).toContain(need);
  }
});
