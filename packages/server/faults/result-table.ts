import { INVARIANT_NAMES } from "./checker.ts";
import type { FaultResult } from "./run-fault.ts";

/**
 * What only the real supervisor, agent or engine can suffer is injected where those run, and checked there by what each
 * test expects, not by the invariants of this table.
 */
export const ELSEWHERE = [
  "the agent's process killed mid-turn: packages/sandbox/test/interruptions.test.ts",
  "the supervisor killed mid-turn, on the same volumes: packages/sandbox/test/recovery.test.ts",
  "the sandbox's disk full under spool and agent: packages/sandbox/test/full-disk.test.ts",
  "a real container killed, paused, out of memory: e2e/container-faults.spec.ts",
] as const;

/**
 * Fault × invariant: `ok`, the number of violations, or `-` where it was not looked at; `controls`: violations
 * that the checker saw when the fault's own evidence was spoilt.
 */
export function renderTable(results: FaultResult[]): string {
  const columns = [...INVARIANT_NAMES, "expected", "controls"];
  const width = Math.max(...results.map(({ name }) => name.length), 5);
  const head = ["fault".padEnd(width), ...columns, "seconds"].join("  ");
  const lines = results.map((result) => {
    if (result.outcome === "skipped") return `${result.name.padEnd(width)}  skipped: ${result.obstacle}`;
    const cells = columns.map((column) => cellOf(result, column).padEnd(column.length));
    return [result.name.padEnd(width), ...cells, result.seconds.toFixed(1)].join("  ");
  });
  return [head, ...lines].join("\n");
}

function cellOf(result: FaultResult, column: string): string {
  if (column === "expected") return result.surprises.length === 0 ? "ok" : `${result.surprises.length} ✗`;
  if (column === "controls") return result.controls ? String(result.controls.valid.length) : "-";
  const found = Object.entries(result.verdict ?? {}).find(([name]) => name === column)?.[1];
  if (found === undefined) return "-";
  return found.length === 0 ? "ok" : `${found.length} ✗`;
}

/** The value below which `share` of the numbers lie; undefined for none. */
export function percentile(numbers: number[], share: number): number | undefined {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)];
}

export function describeViolations({ name, verdict, surprises, serverLog }: FaultResult): string[] {
  const violations = Object.entries(verdict ?? {}).flatMap(([invariant, lines]) =>
    lines.map((line) => `  ${invariant}: ${line}`),
  );
  return [
    `✗ ${name}`,
    ...violations,
    ...surprises.map((line) => `  expected: ${line}`),
    ...(serverLog ? ["  the server's log ended:", ...serverLog.trimEnd().split("\n").slice(-15)] : []),
  ];
}
