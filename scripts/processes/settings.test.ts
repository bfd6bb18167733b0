import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readConfig } from "../../packages/server/src/config.ts";
import { readSettings } from "./settings.mjs";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "settings-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test.each([
  ["nothing", {}, 8788],
  ["a page beside the API", { PORT: "2999", WEB_PORT: "3000" }, 3001],
  ["the last port", { PORT: "65535" }, 65_534],
  ["the last two ports", { PORT: "65535", WEB_PORT: "65534" }, 65_533],
  ["a page above the last but one", { PORT: "65534", WEB_PORT: "65535" }, 65_533],
  ["a port of its own", { PREVIEW_PORT: "4000" }, 4000],
])("chooses the previews' port as the server does, with %s set", (_what, env, expected) => {
  const settings = readSettings(root, env);
  expect(settings.previewPort).toBe(expected);
  expect(settings.env["PREVIEW_PORT"]).toBe(String(expected));
  expect(readConfig(env, root).previewPort).toBe(expected);
});

test.each([
  [{ PORT: "3000" }, "PORT and WEB_PORT are both 3000"],
  [{ PREVIEW_PORT: "3000" }, "PREVIEW_PORT is 3000, as is another port"],
  [{ WEB_PORT: "many" }, 'WEB_PORT is "many"'],
])("says what is wrong with %j", (env, words) => {
  expect(() => readSettings(root, env)).toThrow(words);
});
