import { newId } from "@background-agents/shared/ids";
import type { Fault } from "../fault.ts";
import type { FaultWorld } from "../fault-world.ts";
import type { RecordingClient } from "../recording-client.ts";

const LONG = { parts: 20, paceMs: 10 };

/** The session's prompt fails with the code, and once `mended` the next one works. */
async function failsThenWorks(world: FaultWorld, code: string, mended: () => void): Promise<void> {
  const sessionId = await world.createSession({ label: "in vain" });
  const record = world.clients.at(-1)?.record;
  await world.until(() => record?.session?.status === "failed");
  const failed = record?.events.find((event) => event.type === "prompt.failed");
  world.expect(
    failed?.type === "prompt.failed" && failed.data.code === code,
    `it failed with ${JSON.stringify(failed)}`,
  );
  mended();
  const next = await world.send(sessionId, "next");
  await world.settle();
  world.expect(world.statusOf(next) === "completed", `the next prompt is ${world.statusOf(next)}`);
}

export const ENGINE_FAULTS: Fault[] = [
  {
    name: "engine down for a while",
    quick: true,
    async run(world) {
      const { faults } = world.engine;
      await world.createSession({ label: "at work", plan: LONG });
      await world.until(() => world.ledger.runs.length > 0);
      faults.down = true;
      await world.createSession({ label: "asked meanwhile" });
      await waitsForEngine(world, world.clients.at(-1));
      await world.killAndRecover();
      await waitsForEngine(world, world.clients.at(-1));
      faults.down = false;
    },
  },
  {
    name: "engine down when the server starts",
    quick: false,
    async run(world) {
      await world.createSession({ label: "at work", plan: LONG });
      await world.until(() => world.ledger.runs.length > 0);
      await world.kill();
      world.engine.faults.down = true;
      await world.recover();
      world.engine.faults.down = false;
      await world.settle(90_000);
    },
  },
  {
    name: "engine down at idle time",
    quick: true,
    async run(world) {
      await world.kill();
      await world.start({ IDLE_TIMEOUT_MS: "200" });
      const sessionId = await world.createSession({ label: "first", plan: LONG });
      // It is away before the sandbox is idle.
      await world.until(() => (world.ledger.runs[0]?.parts.length ?? 0) > 0);
      await goesAwayForStops(world, () => world.engine.containers.size > 0);
      const isStopped = (): boolean => world.clients[0]?.record.session?.sandbox.status === "stopped";
      world.expect(await world.until(isStopped), "the idle sandbox was not stopped when the engine was back");
      const next = await world.send(sessionId, "next");
      // It is idle again at once: only then is nothing under way any more.
      await world.until(() => world.statusOf(next) === "completed" && isStopped());
    },
  },
  {
    name: "engine down while a stop escalates",
    quick: true,
    async run(world) {
      await world.kill();
      await world.start({ FAULTS_STOP_LIMIT_MS: "300" });
      const sessionId = await world.createSession({ label: "deaf", plan: { endless: true, paceMs: 50 } });
      await world.until(() => (world.ledger.runs[0]?.parts.length ?? 0) > 0);
      const { sandbox } = world.engine.find(sessionId);
      if (sandbox) sandbox.supervisor.faults.silent = true;
      await world.insist("POST", `/api/sessions/${sessionId}/stop`);
      await goesAwayForStops(world, () => statusOfFirst(world) !== "interrupted");
      const ended = await world.until(() => statusOfFirst(world) === "interrupted");
      world.expect(ended, `the stopped prompt is ${statusOfFirst(world)}`);
      await world.send(sessionId, "next");
    },
  },
  {
    name: "engine slow: 1.5 s for each call",
    quick: false,
    async run(world) {
      world.engine.faults.slowMs = 1500;
      await world.createSession({ label: "first" });
      await world.killAndRecover();
    },
  },
  {
    name: "engine fails to start a container",
    quick: true,
    mayFail: true,
    async run(world) {
      world.engine.faults.failing.add("start");
      await failsThenWorks(world, "sandbox.failed", () => world.engine.faults.failing.clear());
    },
  },
  {
    name: "engine fails to list, the server restarts",
    quick: false,
    async run(world) {
      await world.createSession({ label: "at work", plan: LONG });
      await world.until(() => world.ledger.runs.length > 0);
      world.engine.faults.failing.add("list");
      await world.killAndRecover();
      world.engine.faults.failing.clear();
      await world.settle(90_000);
    },
  },
  {
    name: "engine fails to remove a container that ended",
    quick: false,
    mayFail: true,
    async run(world) {
      const sessionId = await world.createSession({ label: "lost", plan: { endless: true } });
      await world.until(() => world.ledger.runs.length > 0);
      world.engine.faults.failing.add("remove");
      world.engine.kill(sessionId, { exitCode: 1 });
      await world.settle();
      world.engine.faults.failing.clear();
      world.expect(await world.until(() => world.engine.containers.size === 0), "the container is still there");
    },
  },
  {
    name: "50 orphan containers at a start; others' are left alone",
    quick: true,
    async run(world) {
      await world.createSession({ label: "at work", plan: LONG });
      await world.until(() => world.ledger.runs.length > 0);
      addStrangers(world);
      await world.killAndRecover();
      await world.settle();
    },
  },
  {
    name: "50 orphan containers while the server runs",
    quick: false,
    async run(world) {
      await world.createSession({ label: "at work", plan: LONG });
      addStrangers(world);
      const reaped = await world.until(() => world.engine.containers.size === 6, 45_000);
      world.expect(reaped, `${world.engine.containers.size} containers are left`);
    },
  },
];

/** What is asked while the engine is away waits, and the page says for what. */
async function waitsForEngine(world: FaultWorld, client: RecordingClient | undefined): Promise<void> {
  const said = await world.until(() => {
    const { status, statusReason = "" } = client?.record.session ?? {};
    return status === "queued" && /engine does not answer/.test(statusReason);
  });
  world.expect(said, `the session says "${client?.record.session?.statusReason}"`);
}

const statusOfFirst = (world: FaultWorld): string | undefined =>
  world.statusOf(world.ledger.accepted[0]?.promptId ?? newId("prompt"));

/** The engine is away until it was asked for two stops in vain; what it was to stop is still there then. */
async function goesAwayForStops(world: FaultWorld, isThere: () => boolean): Promise<void> {
  const { faults } = world.engine;
  faults.down = true;
  const { stop: before = 0 } = faults.refused;
  const asked = await world.until(() => (faults.refused["stop"] ?? 0) >= before + 2, 30_000);
  world.expect(asked, "the engine was not asked for a stop twice");
  if (!world.server.running) throw new Error("the server ended with the engine");
  world.expect(isThere(), "what the engine did not stop is gone");
  faults.down = false;
}

function addStrangers(world: FaultWorld): void {
  for (let made = 0; made < 50; made++) world.engine.addStranger(world.instance());
  for (let made = 0; made < 5; made++) world.engine.addStranger("another-one");
  world.expectForeign(5);
}
