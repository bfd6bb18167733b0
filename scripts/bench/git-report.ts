import { formatTable } from "./format-table.ts";
import { CREATIONS, type CreationFigures } from "./measure-creation.ts";
import type { TurnFigures, TurnSample } from "./measure-turns.ts";
import { compare, median, percentile, type Ratio, summarize } from "./statistics.ts";

/** What the design expects; reported, never asserted. */
const EXPECTED = { creationRatio: 1.5, importP95Ms: 1000, diskBytes: 10 * 2 ** 20 };

export interface GitRun {
  startedAt: string;
  machine: Record<string, string | number>;
  repository: { files: number; commits: number };
  /** The first session of a repository also waits for its mirror. */
  mirrorMs: number;
  creation: CreationFigures;
  turns: TurnFigures;
  /** From the click on a session to its first diff on the screen; absent where no page was measured. */
  paintMs?: number[];
}

export interface GitReport extends GitRun {
  bench: "git";
  ratios: { worktree: Ratio; clone: Ratio };
  processorRatios: { worktree: Ratio; clone: Ratio };
  expected: typeof EXPECTED;
}

/** Pure: all figures of a run. */
export function buildGitReport(run: GitRun): GitReport {
  const ratiosOf = ({ ours, worktree, clone }: CreationFigures["elapsedMs"]) => ({
    worktree: compare(ours, worktree),
    clone: compare(ours, clone),
  });
  const { elapsedMs, processorMs } = run.creation;
  const ratios = { ratios: ratiosOf(elapsedMs), processorRatios: ratiosOf(processorMs) };
  return { bench: "git", ...run, ...ratios, expected: EXPECTED };
}

/** The report as lines for a terminal. */
export function formatGitReport(report: GitReport): string {
  const { repository, creation, ratios, processorRatios, turns, machine, mirrorMs, paintMs } = report;
  const [ratioOf, processorRatioOf] = [
    { ours: undefined, ...ratios },
    { ours: undefined, ...processorRatios },
  ];
  const names = { ours: "ours", worktree: "git worktree add", clone: "git clone --local" };
  const created = CREATIONS.map((kind) => {
    const { minMs, medianMs, maxMs } = summarize(creation.elapsedMs[kind]);
    const ratio = ratioOf[kind];
    const ratioCells = [ratio?.ofMedians.toFixed(2) ?? "", ratio?.pairwise.toFixed(2) ?? ""];
    const processor = [round(median(creation.processorMs[kind])), processorRatioOf[kind]?.ofMedians.toFixed(2) ?? ""];
    return [names[kind], ...[minMs, medianMs, maxMs].map(round), ...ratioCells, ...processor];
  });
  const { small, large, disk } = turns;
  const steps: [string, (sample: TurnSample) => number][] = [
    ["commit and bundle, in the container", ({ saveMs }) => saveMs],
    ["import, on the host", ({ importMs }) => importMs],
    ["import, processor time", ({ importProcessorMs }) => importProcessorMs],
    ["list of changed files", ({ changesMs }) => changesMs],
    ["first file's diff", ({ diffMs }) => diffMs],
  ];
  const turned = steps.map(([name, pick]) => {
    const values = small.map(pick);
    return [name, round(percentile(values, 0.5)), round(percentile(values, 0.95)), round(pick(large))];
  });
  return [
    `A repository of ${repository.files} files and ${repository.commits} commits`,
    `Working tree of a session, in ms (${creation.elapsedMs.ours.length} of each, in turn)`,
    formatTable([["", "min", "median", "max", "ours ×", "pairwise ×", "processor", "ours ×"], ...created]),
    `expected: ours ≤ ${EXPECTED.creationRatio} × git worktree add: ${verdict(ratios.worktree.ofMedians <= EXPECTED.creationRatio)}`,
    `Mirror, once a repository: ${round(mirrorMs)} ms`,
    `Turn end, in ms (${small.length} small turns, one large)`,
    formatTable([["", "p50", "p95", "large turn"], ...turned]),
    `expected: import p95 ≤ ${EXPECTED.importP95Ms} ms: ${verdict(importP95(report) <= EXPECTED.importP95Ms)}`,
    ...(paintMs ? [`First diff on the screen, in ms: ${formatPaint(paintMs)}`] : []),
    `Disk of a session beyond its checkout of ${inMb(disk.checkout)} MB`,
    formatTable([
      ["", "MB"],
      ["new session", inMb(disk.beyondAtStart)],
      [`after ${disk.turns} turns, with what is kept on the host`, inMb(disk.beyondAfterTurns)],
      ["git worktree add", inMb(disk.worktreeBeyond)],
    ]),
    `expected: ≤ ${inMb(EXPECTED.diskBytes)} MB: ${verdict(disk.beyondAfterTurns <= EXPECTED.diskBytes)}`,
    Object.entries(machine)
      .map(([name, value]) => `${name} ${value}`)
      .join(", "),
  ].join("\n\n");
}

const importP95 = ({ turns }: GitRun): number =>
  percentile(
    turns.small.map(({ importMs }) => importMs),
    0.95,
  );

function formatPaint(values: readonly number[]): string {
  const { minMs, medianMs, maxMs } = summarize(values);
  return `min ${round(minMs)}, median ${round(medianMs)}, max ${round(maxMs)}`;
}

const verdict = (holds: boolean): string => (holds ? "met" : "missed");
const round = (value: number): string => String(Math.round(value));
const inMb = (bytes: number): string => (bytes / 2 ** 20).toFixed(1);
