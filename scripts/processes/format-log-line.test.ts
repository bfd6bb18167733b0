import { expect, test } from "vitest";
import { formatLogLine } from "./format-log-line.mjs";

const time = new Date(2026, 0, 2, 3, 4, 5).getTime();

test.each([
  [{ level: 30, time, msg: "listening" }, "03:04:05 listening"],
  [{ level: 40, time, msg: "slow", ms: 12, path: "/a b" }, '03:04:05 warn slow ms=12 path="/a b"'],
  [
    { level: 50, time, msg: "broken", err: { message: "m", stack: "Error: m\n  at x" } },
    "03:04:05 error broken err=Error: m\n  at x",
  ],
  [{ level: 30, time, pid: 1, hostname: "h", msg: "", sessionId: "ses_1" }, "03:04:05  sessionId=ses_1"],
])("%j", (record, expected) => {
  expect(formatLogLine(JSON.stringify(record))).toBe(expected);
});

test.each(["", "GET / 200", "{", '{"a":1}', "[1]"])("leaves %j as it is", (line) => {
  expect(formatLogLine(line)).toBe(line);
});
