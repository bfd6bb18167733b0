import { expect, it } from "vitest";
import { formatAge, formatBytes, formatCount, formatDuration, formatMoney } from "./format.ts";

it.each([
  [0, "0.1 s"],
  [420, "0.4 s"],
  [1000, "1 s"],
  [8200, "8.2 s"],
  [9_960, "10 s"],
  [59_700, "1 m"],
  [72_000, "1 m 12 s"],
  [120_000, "2 m"],
  [7_500_000, "2 h 5 m"],
])("%d ms is %s", (ms, words) => expect(formatDuration(ms)).toBe(words));

it.each([
  [0, "0"],
  [999, "999"],
  [14_200, "14.2k"],
  [166_000, "166k"],
  [999_600, "1M"],
  [1_300_000, "1.3M"],
])("%d is %s", (count, words) => expect(formatCount(count)).toBe(words));

it.each([
  [0, "0 B"],
  [999, "999 B"],
  [999_900, "1 MB"],
  [4_210_000, "4.2 MB"],
  [5e12, "5000 GB"],
])("%d bytes are %s", (bytes, words) => expect(formatBytes(bytes)).toBe(words));

it.each([
  [0, ""],
  [0.004, "<$0.01"],
  [0.22, "$0.22"],
  [12.4, "$12.40"],
])("%d $ is %j", (usd, words) => expect(formatMoney(usd)).toBe(words));

it.each([
  [20, "now"],
  [240, "4m"],
  [3 * 3600, "3h"],
  [2 * 86_400, "2d"],
  [40 * 86_400, "15 Apr"],
])("%d s ago is %s", (seconds, words) => {
  const now = Date.UTC(2026, 4, 25, 12);
  expect(formatAge(new Date(now - seconds * 1000).toISOString(), now)).toBe(words);
});
