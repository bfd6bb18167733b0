import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createRunRecord, findRunningProcesses } from "./run-record.mjs";

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "run-record-"));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

test("finds the processes of a run until it ends", () => {
  const record = createRunRecord(dataDir);
  record.write();
  record.setChild("api", process.ppid);
  expect(findRunningProcesses(dataDir)).toMatchObject({
    supervisor: { pid: process.pid },
    children: [{ name: "api", pid: process.ppid }],
  });
  record.remove();
  expect(findRunningProcesses(dataDir)).toEqual({ supervisor: undefined, children: [] });
});

test("does not take a later process with the same number for the recorded one", () => {
  createRunRecord(dataDir).write();
  const file = join(dataDir, "run", "processes.json");
  const record = JSON.parse(readFileSync(file, "utf8"));
  record.supervisor.identity = "ticks:1";
  writeFileSync(file, JSON.stringify(record));
  expect(findRunningProcesses(dataDir).supervisor).toBeUndefined();
});

test.each(["", "{", "null", "[]"])("takes a damaged note (%j) for none", (text) => {
  createRunRecord(dataDir).write();
  writeFileSync(join(dataDir, "run", "processes.json"), text);
  expect(findRunningProcesses(dataDir)).toEqual({ supervisor: undefined, children: [] });
});
