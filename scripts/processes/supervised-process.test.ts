import { afterEach, expect, test } from "vitest";
import { isGroupAlive } from "./process-identity.mjs";
import { createRestartPolicy } from "./restart-policy.mjs";
import { createSupervisedProcess } from "./supervised-process.mjs";

/** Lines the supervised process wrote and what was said about it, in order, to be awaited. */
function createWitness() {
  const seen: string[] = [];
  const waiting: { want: string; resolve: () => void }[] = [];
  return {
    seen,
    add(entry: string) {
      seen.push(entry);
      for (const one of waiting.filter(({ want }) => entry.includes(want))) one.resolve();
    },
    next: (want: string) => new Promise<void>((resolve) => waiting.push({ want, resolve })),
  };
}

const running: ReturnType<typeof createSupervisedProcess>[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.stop()));
});

function supervise(script: string, isListening: () => Promise<boolean> = async () => true) {
  const witness = createWitness();
  const pids: number[] = [];
  const supervised = createSupervisedProcess({
    name: "api",
    command: process.execPath,
    args: ["-e", script],
    cwd: import.meta.dirname,
    env: { PATH: process.env["PATH"] ?? "" },
    isListening,
    writeLine: (line) => witness.add(line),
    say: (line) => witness.add(line),
    onStarted: (pid) => pids.push(pid),
    onGivenUp: (message) => witness.add(message),
    policy: createRestartPolicy({ firstDelayMs: 1, longestDelayMs: 1, limit: 3 }),
    probeEveryMs: 5,
    stopGraceMs: 100,
  });
  running.push(supervised);
  return { supervised, witness, pids };
}

const STAYS = `console.log("up " + process.pid); setInterval(() => {}, 1000)`;

test("starts a killed process again and says why", async () => {
  const { supervised, witness, pids } = supervise(STAYS);
  const up = witness.next("up");
  supervised.start();
  await up;
  const again = witness.next("up");
  process.kill(Number(pids[0]), "SIGKILL");
  await again;
  expect(witness.seen).toContain("api ended (signal SIGKILL), starting again in 0.001 s");
  expect(pids).toHaveLength(2);
});

test("gives up on a crash loop", async () => {
  const { supervised, witness, pids } = supervise(`process.exit(7)`);
  const givenUp = witness.next("ended 3 times");
  supervised.start();
  await givenUp;
  expect(witness.seen.at(-1)).toBe("api ended 3 times within a minute, the last time with exit code 7.");
  expect(pids).toHaveLength(3);
});

test("does not start again what says that it cannot run", async () => {
  const { supervised, witness, pids } = supervise(`console.error("PORT: wrong"); process.exitCode = 78`);
  const givenUp = witness.next("cannot run");
  supervised.start();
  await givenUp;
  expect(pids).toHaveLength(1);
});

test("ends and restarts a process that lives but does not listen any more", async () => {
  let listens = true;
  const { supervised, witness, pids } = supervise(STAYS, async () => listens);
  const up = witness.next("up");
  supervised.start();
  await up;
  const again = witness.next("starting again");
  listens = false;
  await again;
  expect(witness.seen).toContain("api runs but no longer listens");
  expect(isGroupAlive(Number(pids[0]))).toBe(false);
});

test("does not count a renewal as a crash", async () => {
  const { supervised, witness, pids } = supervise(STAYS);
  supervised.start();
  for (let round = 0; round < 5; round++) {
    const up = witness.next("up");
    await supervised.renew("main.ts changed");
    await up;
  }
  expect(witness.seen).toContain("api: main.ts changed, starting again");
  expect(witness.seen.join()).not.toContain("ended");
  expect(pids.length).toBeGreaterThanOrEqual(6);
});

test("stopping ends what the process started itself, even where it ignores the request", async () => {
  const child = `process.on("SIGTERM", () => {}); console.log("child"); setInterval(() => {}, 1000)`;
  const { supervised, witness, pids } = supervise(
    `require("node:child_process").spawn(process.execPath, ["-e", ${JSON.stringify(child)}], { stdio: "inherit" })`,
  );
  const up = witness.next("child");
  supervised.start();
  await up;
  await supervised.stop();
  expect(isGroupAlive(Number(pids[0]))).toBe(false);
});
