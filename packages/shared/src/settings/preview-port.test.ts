import { expect, test } from "vitest";
import { previewPortBeside } from "./preview-port.ts";

test.each([
  ["beside the API", 8787, 3000, 8788],
  ["not where the page is", 2999, 3000, 3001],
  ["below where there is nothing above", 65_535, 3000, 65_534],
  ["below both there", 65_535, 65_534, 65_533],
  ["below where the page has the last one", 65_534, 65_535, 65_533],
  ["any where the API takes any", 0, 3000, 0],
])("is %s", (...[, apiPort, webPort, expected]) => {
  expect(previewPortBeside(apiPort, webPort)).toBe(expected);
});
