import { expect, test } from "vitest";
import { buildReport, formatReport } from "./start-report.ts";

const sample = (durationMs: number) => ({
  startedAtMs: 1000,
  durationMs,
  processorMs: durationMs * 2,
  marks: [{ name: "container started", atMs: 1000 + durationMs / 2 }],
});

const report = buildReport({
  startedAt: "2026-01-01T00:00:00.000Z",
  machine: { processors: 2 },
  ours: [sample(4400), sample(5500), sample(9000)],
  floor: [sample(4000), sample(5000), sample(10_000)],
});

test("a report holds each sample, both ratios and where the time went", () => {
  expect(report).toMatchObject({
    bench: "start",
    samples: 3,
    ours: { samplesMs: [4400, 5500, 9000], minMs: 4400, medianMs: 5500, maxMs: 9000 },
    floor: { medianMs: 5000 },
    expectedRatio: 1.15,
  });
  expect(report.ratio.ofMedians).toBeCloseTo(1.1);
  expect(report.ratio.pairwise).toBeCloseTo(1.1);
  expect(report.floor.steps.map(({ name, offsetMs }) => [name, offsetMs])).toEqual([
    ["container started", 2500],
    ["first model request", 5000],
  ]);
});

test("its text shows the figures in columns, and what is expected", () => {
  const lines = formatReport(report).split("\n");
  expect(lines).toContain("ours    4400     5500    9000");
  expect(lines).toContain("floor   4000     5000   10000");
  expect(lines.join("\n")).toContain("ratio of medians 1.10, median of pairwise ratios 1.10");
  expect(lines.join("\n")).toContain("ours 11000 ms, floor 10000 ms (1.10 × floor)");
  expect(lines.join("\n")).toContain("expected: ≤ 1.15 × floor");
});
