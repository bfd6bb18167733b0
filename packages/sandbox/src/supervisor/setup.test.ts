import { EventEmitter, once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ReportBody } from "@background-agents/shared/protocol/supervisor-frames";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createSetup, type Setup, type SetupDeps } from "./setup.ts";

let root: string;
let tree: string;
let reports: ReportBody[];
let printed: string;
let wake: () => void;
const made: Setup[] = [];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "setup-"));
  tree = join(root, "tree");
  mkdirSync(join(tree, ".background-agents"), { recursive: true });
  reports = [];
  printed = "";
  wake = () => undefined;
});
afterEach(async () => {
  for (const setup of made.splice(0)) await setup.close();
  rmSync(root, { recursive: true, force: true });
});

const SETTINGS = { script: null, start: null, timeoutMs: 60_000 };

const giveEnvironment = () => Promise.resolve({ PATH: process.env["PATH"] ?? "", TOKEN: "given" });

function start(
  setup: Partial<NonNullable<SetupDeps["setup"]>> = {},
  makeEnvironment: SetupDeps["makeEnvironment"] = giveEnvironment,
): Setup {
  const one = createSetup({
    ...{ setup: { ...SETTINGS, ...setup }, tree, state: join(root, "state") },
    makeEnvironment,
    report: (body) => {
      reports.push(body);
      wake();
    },
    logSetup: (text) => {
      printed += text;
      wake();
    },
    log: (text) => {
      printed += text;
      wake();
    },
    nowMs: Date.now,
  });
  made.push(one);
  return one;
}

/** More than a program can be given: none begins with it. */
const HUGE = { HUGE: "x".repeat(4_000_000) };

/** An environment that is there when the test says so. */
function holdEnvironment(environment?: Record<string, string>) {
  const held = new EventEmitter();
  const asked = once(held, "asked");
  const make = async () => {
    const given = once(held, "given");
    held.emit("asked");
    await given;
    return environment ?? giveEnvironment();
  };
  return { make, asked, give: () => held.emit("given") };
}

/** Looks again after each thing that is printed or told. */
async function until(check: () => boolean): Promise<void> {
  while (!check()) await new Promise<void>((resolve) => (wake = resolve));
}

const write = (name: string, script: string) => writeFileSync(join(tree, ".background-agents", name), script);
const ends = () => reports.flatMap((body) => (body.kind === "setup.ended" ? [body] : []));

describe("the setup script", () => {
  it("runs once in a new workspace, in the tree, with what the agent's commands have", async () => {
    write("setup.sh", 'echo "$TOKEN in $PWD"; echo warned >&2; touch made');
    await start().prepare({ isNew: true });
    expect(printed).toContain(`given in ${tree}\n`);
    expect(reports).toMatchObject([
      { kind: "setup.started", source: "file" },
      { kind: "setup.ended", outcome: "ok", exitCode: 0, logTail: expect.stringContaining("warned") as string },
    ]);
    await start().prepare({ isNew: false });
    expect(reports).toHaveLength(2);
    await start().prepare({ isNew: true });
    expect(reports).toHaveLength(4);
  });

  it("is that of the settings where they have one, and runs as its first line says", async () => {
    write("setup.sh", "exit 3");
    await start({ script: "#!/bin/sh\necho by sh" }).prepare({ isNew: true });
    expect(reports).toMatchObject([{ source: "settings" }, { outcome: "ok" }]);
    expect(printed).toBe("by sh\n");
  });

  it("runs again when asked, and says where there is none", async () => {
    await start().runAgain();
    expect(reports).toMatchObject([{ kind: "notice", code: "setup.none" }]);
    write("setup.sh", "exit 7");
    await start().runAgain();
    expect(reports.slice(1)).toMatchObject([
      { kind: "setup.started", again: true },
      { kind: "setup.ended", outcome: "failed", exitCode: 7 },
    ]);
  });

  it("is ended where it prints nothing for too long, with what it started", async () => {
    write("setup.sh", "trap '' TERM; echo begun; (sleep 600) & echo $! > child; wait; sleep 600");
    await start({ timeoutMs: 2_000 }).prepare({ isNew: true });
    expect(ends()).toMatchObject([{ outcome: "timed-out", exitCode: null, logTail: "begun\n" }]);
    expect(isAlive(Number(readFileSync(join(tree, "child"), "utf8")))).toBe(false);
  });

  it("goes on for as long as it prints", async () => {
    write("setup.sh", "for i in $(seq 26); do echo $i; sleep 0.1; done");
    await start({ timeoutMs: 2_500 }).prepare({ isNew: true });
    expect(ends()).toMatchObject([{ outcome: "ok" }]);
  });

  it("ends when the user stops it, and does not begin anew by itself", async () => {
    write("setup.sh", "echo begun; sleep 600");
    const setup = start();
    const prepared = setup.prepare({ isNew: true });
    await until(() => printed.includes("begun"));
    setup.stopRun();
    await prepared;
    expect(ends()).toMatchObject([{ outcome: "stopped", exitCode: null }]);
    await start().prepare({ isNew: false });
    expect(ends()).toHaveLength(1);
  });

  it("begins anew in the next sandbox where the end of this one cut it off", async () => {
    write("setup.sh", "echo begun; test -e again || sleep 600");
    const setup = start();
    const prepared = setup.prepare({ isNew: true });
    await until(() => printed.includes("begun"));
    await setup.close();
    await prepared;
    writeFileSync(join(tree, "again"), "");
    await start().prepare({ isNew: false });
    expect(ends().map(({ outcome }) => outcome)).toEqual(["stopped", "ok"]);
  });

  it("does not keep the sandbox from starting where it cannot be run", async () => {
    mkdirSync(join(tree, ".background-agents", "setup.sh"));
    await start().prepare({ isNew: true });
    expect(ends()).toMatchObject([{ outcome: "failed" }]);
  });

  it.each([
    ["has more than a program can be given", () => Promise.resolve(HUGE), /E2BIG/],
    ["cannot be had", () => Promise.reject(new Error("no secrets here")), /no secrets here/],
  ])("ends once where its environment %s", async (_why, makeEnvironment, message) => {
    write("setup.sh", "touch made");
    await start({}, makeEnvironment).prepare({ isNew: true });
    expect(reports).toMatchObject([
      { kind: "setup.started" },
      { kind: "setup.ended", outcome: "failed", exitCode: null, logTail: expect.stringMatching(message) as string },
    ]);
    expect(existsSync(join(tree, "made"))).toBe(false);
  });

  it("ends once where it cannot be written down that it ran, and the user is told", async () => {
    write("setup.sh", "exit 0");
    mkdirSync(join(root, "state", "setup.json"), { recursive: true });
    await start().prepare({ isNew: true });
    expect(reports).toMatchObject([
      { kind: "setup.started" },
      { kind: "notice", level: "warning", code: "setup.not-kept" },
      { kind: "setup.ended", outcome: "ok", exitCode: 0 },
    ]);
  });

  it("does not begin where the user stops it before its environment is there", async () => {
    write("setup.sh", "touch made");
    const environment = holdEnvironment();
    const setup = start({}, environment.make);
    const prepared = setup.prepare({ isNew: true });
    await environment.asked;
    expect(reports).toMatchObject([{ kind: "setup.started" }]);
    setup.stopRun();
    environment.give();
    await prepared;
    expect(ends()).toMatchObject([{ outcome: "stopped", exitCode: null }]);
    expect(existsSync(join(tree, "made"))).toBe(false);
    await start().prepare({ isNew: false });
    expect(ends()).toHaveLength(1);
  });

  it("takes what it left running along when the sandbox ends", async () => {
    write("setup.sh", "sleep 600 & echo $! > child");
    const setup = start();
    await setup.prepare({ isNew: true });
    const child = Number(readFileSync(join(tree, "child"), "utf8"));
    expect(isAlive(child)).toBe(true);
    await setup.close();
    expect(isAlive(child)).toBe(false);
  });
});

describe("the start script", () => {
  it("runs beside the agent until the sandbox ends", async () => {
    write("start.sh", "sleep 600 & echo $! > child; echo serving $TOKEN; wait");
    const setup = start();
    await setup.startBeside();
    await until(() => printed.includes("serving given"));
    const child = Number(readFileSync(join(tree, "child"), "utf8"));
    await setup.close();
    expect(isAlive(child)).toBe(false);
    expect(reports).toEqual([]);
  });

  it("does not begin in a sandbox that ended before its environment was there", async () => {
    write("start.sh", "exit 0");
    // Begun, it would tell that it could not.
    const environment = holdEnvironment(HUGE);
    const setup = start({}, environment.make);
    const starting = setup.startBeside();
    await environment.asked;
    await setup.close();
    environment.give();
    await starting;
    expect(reports).toEqual([]);
  });

  it("is not started again where it ends, and the user is told", async () => {
    write("start.sh", "echo no database; exit 4");
    await start().startBeside();
    await until(() => reports.length > 0);
    expect(reports).toMatchObject([
      {
        kind: "notice",
        level: "warning",
        code: "start.ended",
        message: expect.stringMatching(/code 4\.\nno database/) as string,
      },
    ]);
  });
});

/** Not even a process that nobody has waited for. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
