import { expect, test } from "vitest";
import { countWritten } from "./bytes-written.ts";

const line = (minor: number, op: string, value: number) => ({ major: 8, minor, op, value });

test("of what the engine counts, writes to the device that got most", () => {
  const counted = [line(0, "Read", 900), line(0, "Write", 50), line(1, "read", 7), line(1, "write", 70)];
  expect(countWritten({ blkio_stats: { io_service_bytes_recursive: counted } })).toBe(70);
});

test.each([
  [{ blkio_stats: { io_service_bytes_recursive: [] } }],
  [{ blkio_stats: { io_service_bytes_recursive: null } }],
  [{ blkio_stats: {} }],
  [{}],
  [undefined],
])("nothing where nobody counts: %j", (stats) => {
  expect(countWritten(stats)).toBeUndefined();
});
