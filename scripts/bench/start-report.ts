import { formatTable } from "./format-table.ts";
import { buildSteps, type Sample, type Step } from "./marks.ts";
import { compare, type Ratio, summarize, type Summary } from "./statistics.ts";

/** What the design expects of a cold start on a quiet machine; reported, never asserted. */
const EXPECTED_RATIO = 1.15;

export interface Side extends Summary {
  samplesMs: number[];
  processorMs: Summary;
  steps: Step[];
}

export interface StartReport {
  bench: "start";
  startedAt: string;
  machine: Record<string, string | number>;
  samples: number;
  ours: Side;
  floor: Side;
  ratio: Ratio;
  expectedRatio: number;
}

/** Pure: all figures of a run. Both sides have the same number of samples, at least one. */
export function buildReport(run: {
  startedAt: string;
  machine: Record<string, string | number>;
  ours: readonly Sample[];
  floor: readonly Sample[];
}): StartReport {
  const ours = sideOf(run.ours);
  const floor = sideOf(run.floor);
  return {
    bench: "start",
    startedAt: run.startedAt,
    machine: run.machine,
    samples: ours.samplesMs.length,
    ours,
    floor,
    ratio: compare(ours.samplesMs, floor.samplesMs),
    expectedRatio: EXPECTED_RATIO,
  };
}

function sideOf(samples: readonly Sample[]): Side {
  const samplesMs = samples.map(({ durationMs }) => durationMs);
  return {
    samplesMs,
    ...summarize(samplesMs),
    processorMs: summarize(samples.map((sample) => sample.processorMs)),
    steps: buildSteps(samples),
  };
}

/** The report as lines for a terminal. */
export function formatReport({ samples, ours, floor, ratio, expectedRatio, machine }: StartReport): string {
  const times = (name: string, { minMs, medianMs, maxMs }: Summary) => [name, ...[minMs, medianMs, maxMs].map(round)];
  const steps = (side: Side) => side.steps.map((step) => [step.name, round(step.offsetMs), round(step.stepMs)]);
  return [
    "Cold create → first model request, in ms",
    formatTable([["", "min", "median", "max"], times("ours", ours), times("floor", floor)]),
    `ratio of medians ${ratio.ofMedians.toFixed(2)}, median of pairwise ratios ${ratio.pairwise.toFixed(2)} ` +
      `(${samples} samples of each, interleaved; expected: ≤ ${expectedRatio} × floor)`,
    `Processor time inside the container by then: ours ${round(ours.processorMs.medianMs)} ms, ` +
      `floor ${round(floor.processorMs.medianMs)} ms ` +
      `(${(ours.processorMs.medianMs / floor.processorMs.medianMs).toFixed(2)} × floor)`,
    Object.entries(machine)
      .map(([name, value]) => `${name} ${value}`)
      .join(", "),
    "Ours, medians",
    formatTable([["", "since POST", "step"], ...steps(ours)]),
    "Floor, medians",
    formatTable([["", "since docker run", "step"], ...steps(floor)]),
  ].join("\n\n");
}

const round = (value: number): string => String(Math.round(value));
