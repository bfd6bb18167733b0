import { expect, test } from "vitest";
import { buildGitReport, formatGitReport, type GitRun } from "./git-report.ts";

const turn = { saveMs: 10, importMs: 200, importProcessorMs: 150, changesMs: 30, diffMs: 4 };
const run: GitRun = {
  startedAt: "2026-01-01T00:00:00.000Z",
  machine: { processors: 2 },
  repository: { files: 50_000, commits: 20_000 },
  mirrorMs: 4000,
  creation: {
    elapsedMs: { ours: [1500, 1200, 1800], worktree: [1000, 1000, 1200], clone: [3000, 2000, 2000] },
    processorMs: { ours: [1000, 1000, 1000], worktree: [800, 800, 800], clone: [2000, 2000, 2000] },
  },
  turns: {
    small: [turn, { ...turn, importMs: 900 }],
    large: { ...turn, importMs: 1200 },
    disk: {
      checkout: 200 * 2 ** 20,
      beyondAtStart: 6 * 2 ** 20,
      beyondAfterTurns: 7 * 2 ** 20,
      turns: 2,
      worktreeBeyond: 5 * 2 ** 20,
    },
  },
};

test("ratios are of medians, and of pairs", () => {
  const { ratios, processorRatios } = buildGitReport(run);
  expect(processorRatios.worktree).toEqual({ ofMedians: 1.25, pairwise: 1.25 });
  expect(ratios.worktree).toEqual({ ofMedians: 1.5, pairwise: 1.5 });
  expect(ratios.clone).toEqual({ ofMedians: 0.75, pairwise: 0.6 });
});

test("the table says what was expected and whether it was met", () => {
  const text = formatGitReport(buildGitReport(run));
  expect(text).toContain("expected: ours ≤ 1.5 × git worktree add: met");
  expect(text).toContain("expected: import p95 ≤ 1000 ms: met");
  expect(text).toContain("expected: ≤ 10.0 MB: met");
  expect(text).toMatch(/import, on the host +200 +900 +1200/);
});

test("what is not met is said", () => {
  const slow = { ...turn, importMs: 1001 };
  const text = formatGitReport(
    buildGitReport({
      ...run,
      creation: { ...run.creation, elapsedMs: { ...run.creation.elapsedMs, ours: [1600, 1600, 1600] } },
      turns: { ...run.turns, small: [slow], disk: { ...run.turns.disk, beyondAfterTurns: 11 * 2 ** 20 } },
    }),
  );
  expect(text.match(/: missed/g)).toHaveLength(3);
});
