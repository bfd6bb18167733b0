import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createOomWatch } from "./oom-watch.ts";

let cgroup: string;
beforeEach(() => {
  cgroup = mkdtempSync(join(tmpdir(), "cgroup-"));
  mkdirSync(join(cgroup, "memory"));
});
afterEach(() => rmSync(cgroup, { recursive: true }));

it.each([
  ["memory.events", (kills: number) => `low 0\noom 3\noom_kill ${kills}\noom_group_kill 0\n`],
  ["memory/memory.oom_control", (kills: number) => `oom_kill_disable 0\nunder_oom 0\noom_kill ${kills}\n`],
])("sees in %s that the count rose, once", (name, content) => {
  writeFileSync(join(cgroup, name), content(2));
  const watch = createOomWatch(cgroup);
  expect(watch.hasKilled()).toBe(false);
  writeFileSync(join(cgroup, name), content(3));
  expect([watch.hasKilled(), watch.hasKilled()]).toEqual([true, false]);
});

it("says no where nothing is counted", () => {
  expect(createOomWatch(cgroup).hasKilled()).toBe(false);
});
