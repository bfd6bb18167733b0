import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type RunningScript, startScript } from "./script-process.ts";

let root: string;
let printed: string;
let wake: () => void;
let script: RunningScript | undefined;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "script-"));
  printed = "";
  wake = () => undefined;
});
afterEach(async () => {
  await script?.stop();
  script = undefined;
  rmSync(root, { recursive: true, force: true });
});

function run(text: string, graceMs: number): RunningScript {
  const file = join(root, "script.sh");
  writeFileSync(file, text);
  const env = { PATH: process.env["PATH"] ?? "" };
  const onOutput = (more: string): void => {
    printed += more;
    wake();
  };
  return (script = startScript({ file, cwd: root, env, graceMs, onOutput }));
}

async function until(check: () => boolean): Promise<void> {
  while (!check()) await new Promise<void>((resolve) => (wake = resolve));
}

const read = (name: string) => readFileSync(join(root, name), "utf8");

/** Traps the wish to end, and says when it is ready for it. */
const POLITE = `bash -c 'trap "echo asked > asked; exit" TERM; echo $$ > child; echo ready; while :; do sleep 0.1; done'`;

it("asks what a script left running to end when it is stopped", async () => {
  const left = run(`${POLITE} &\nuntil test -e child; do sleep 0.05; done`, 60_000);
  expect(await left.ended).toEqual({ exitCode: 0, why: "exited" });
  await until(() => printed.includes("ready"));
  expect(isAlive(Number(read("child")))).toBe(true);
  expect(await left.stop()).toEqual({ exitCode: 0, why: "exited" });
  expect(read("asked")).toBe("asked\n");
  expect(isAlive(Number(read("child")))).toBe(false);
});

it("ends by force what a script left running and does not end", async () => {
  const left = run("(trap '' TERM; echo $BASHPID > child; echo ready; while :; do sleep 1; done) &", 100);
  await left.ended;
  await until(() => printed.includes("ready"));
  await left.stop();
  expect(isAlive(Number(read("child")))).toBe(false);
});

it("gives what a stopped script started the same time to end", async () => {
  const slow = `bash -c 'trap "sleep 1; echo done > asked; exit" TERM; echo ready; while :; do sleep 0.1; done' > said`;
  const both = run(`${slow} &\nuntil test -s said; do sleep 0.05; done; echo up; wait`, 60_000);
  await until(() => printed.includes("up"));
  expect(await both.stop()).toMatchObject({ why: "stopped" });
  expect(read("asked")).toBe("done\n");
});

/** Not even a process that nobody has waited for. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
