import { expect, it } from "vitest";
import { pickOversizedFiles } from "./oversized-files.ts";

const files = [
  { path: "a", bytes: 10 },
  { path: "b", bytes: 50 },
  { path: "c", bytes: 30 },
];

it.each([
  [100, []],
  [90, []],
  [40, ["b"]],
  [39, ["b", "c"]],
  [0, ["b", "c", "a"]],
])("within %i bytes leaves out %j", (limit, left) => {
  expect(pickOversizedFiles(files, limit).map(({ path }) => path)).toEqual(left);
});
