import { expect, it } from "vitest";
import { calendarDay, splitByDay, startOfDay } from "./calendar-day.ts";

/** A moment by this machine's clock. */
const at = (day: number, hour: number, minute = 0) => new Date(2026, 10, day, hour, minute);
const HOUR = 3_600_000;

it.each([
  ["within a day", at(23, 10), at(23, 12), [["2026-11-23", 2 * HOUR]]],
  [
    "over a midnight",
    at(23, 23),
    at(24, 2),
    [
      ["2026-11-23", HOUR],
      ["2026-11-24", 2 * HOUR],
    ],
  ],
  ["up to a midnight", at(23, 23), at(24, 0), [["2026-11-23", HOUR]]],
  [
    "over a whole day",
    at(22, 23),
    at(24, 1),
    [
      ["2026-11-22", HOUR],
      ["2026-11-23", 24 * HOUR],
      ["2026-11-24", HOUR],
    ],
  ],
  ["backwards", at(23, 12), at(23, 10), []],
  ["of no length", at(23, 12), at(23, 12), []],
])("a span %s", (...row) => {
  const [, from, to, parts] = row;
  expect(splitByDay(from, to).map((part) => [calendarDay(part.at), part.ms])).toEqual(parts);
});

it("a day begins at midnight", () => {
  expect(startOfDay(at(23, 17, 30))).toEqual(at(23, 0));
});
