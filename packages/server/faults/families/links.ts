import { setTimeout as pause } from "node:timers/promises";
import { newId, type SessionId } from "@background-agents/shared/ids";
import type { Fault } from "../fault.ts";
import type { FaultWorld } from "../fault-world.ts";
import type { SimulatedSupervisor } from "../simulated-supervisor.ts";

const PLAN = { parts: 10, deltas: 10, paceMs: 8 };

/** A session whose turn is under way, and its supervisor. */
async function begin(world: FaultWorld): Promise<{ sessionId: SessionId; supervisor: SimulatedSupervisor }> {
  const sessionId = await world.createSession({ label: "first", plan: PLAN });
  await world.until(() => world.ledger.runs.some((run) => run.sessionId === sessionId && run.parts.length > 0));
  const { sandbox } = world.engine.find(sessionId);
  if (!sandbox) throw new Error("the container has no supervisor");
  return { sessionId, supervisor: sandbox.supervisor };
}

/** What an agent that speaks as its supervisor may try. */
const WRONG_FRAMES = [
  "null",
  "[]",
  "{}",
  "not json",
  '{"type":"report"}',
  '{"type":"report","report":-1,"at":"x","body":{}}',
  '{"type":"report","report":1000000,"at":"2026-01-01T00:00:00.000Z","body":{"kind":"boot.phase","phase":"clone"}}',
  '{"__proto__":{"type":"pong"},"constructor":1}',
  `{"type":"hello","protocolVersion":1,"boot":"${newId("boot")}"}`,
  `${"[".repeat(50_000)}${"]".repeat(50_000)}`,
];

function tampering(
  name: string,
  quick: boolean,
  tamperFor: (world: FaultWorld) => (encoded: string) => string[],
): Fault {
  return {
    name,
    quick,
    async run(world) {
      const { sessionId, supervisor } = await begin(world);
      supervisor.faults.tamper = tamperFor(world);
      await world.send(sessionId, "second", PLAN);
      await pause(3000);
      supervisor.faults.tamper = undefined;
      supervisor.cut();
    },
  };
}

export const LINK_FAULTS: Fault[] = [
  {
    name: "hub link cut every 100 ms",
    quick: true,
    async run(world) {
      const { supervisor } = await begin(world);
      for (let time = 0; time < 25; time++) {
        await pause(100);
        supervisor.cut();
      }
      world.expect(supervisor.welcomes > 10, `the link came back only ${supervisor.welcomes} times`);
    },
  },
  {
    name: "hub link half open: the supervisor is silent",
    quick: false,
    async run(world) {
      const { supervisor } = await begin(world);
      const { ends } = supervisor;
      supervisor.faults.silent = true;
      const noticed = await world.until(() => supervisor.ends > ends);
      world.expect(noticed, "the server kept a link on which nothing came");
      supervisor.faults.silent = false;
      supervisor.cut();
    },
  },
  tampering("hub frames truncated", true, (world) => (encoded) => [
    world.random.chance(0.1) ? encoded.slice(0, world.random.between(0, encoded.length - 1)) : encoded,
  ]),
  tampering("hub frames duplicated", false, () => (encoded) => [encoded, encoded]),
  tampering("hub frames lost", false, (world) => (encoded) => (world.random.chance(0.1) ? [] : [encoded])),
  tampering("hub frames reordered", true, (world) => {
    let held: string | undefined;
    return (encoded) => {
      if (held === undefined && world.random.chance(0.2)) {
        held = encoded;
        return [];
      }
      const late = held;
      held = undefined;
      return late === undefined ? [encoded] : [encoded, late];
    };
  }),
  {
    name: "hub frames of the wrong shape, too large, binary",
    quick: true,
    async run(world) {
      const { supervisor } = await begin(world);
      for (const bytes of [...WRONG_FRAMES, "x".repeat(5 * 2 ** 20), Buffer.from([0, 255, 1])]) {
        const { welcomes } = supervisor;
        supervisor.write(bytes);
        world.expect(await world.until(() => supervisor.welcomes > welcomes, 10_000), "a wrong frame was swallowed");
      }
    },
  },
  {
    name: "supervisor faster than the server: 1,000 parts at once",
    quick: true,
    run: (world) => flood(world, 1000),
  },
  {
    name: "supervisor faster than the server: 10,000 parts at once",
    quick: false,
    run: (world) => flood(world, 10_000),
  },
];

async function flood(world: FaultWorld, parts: number): Promise<void> {
  const plan = { parts, deltas: 1, characters: 10, paceMs: 0 };
  const calm = await world.createSession();
  await world.createSession({ label: "flood", plan });
  await world.until(() => world.ledger.runs.length > 0);
  const prompt = await world.send(calm, "meanwhile", { parts: 1, deltas: 1 });
  await world.until(() => world.statusOf(prompt) === "completed");
  world.expect(world.statusOf(prompt) === "completed", "another session did not get on during the flood");
  await world.settle(120_000);
}
