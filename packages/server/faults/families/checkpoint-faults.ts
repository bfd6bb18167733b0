import { setTimeout as pause } from "node:timers/promises";
import type { Fault } from "../fault.ts";

export const CHECKPOINT_FAULTS: Fault[] = [
  {
    name: "a checkpoint's upload is cut half-way, three times",
    quick: true,
    async run(world) {
      const sessionId = await world.createSession({ label: "first", plan: { parts: 10, paceMs: 10 } });
      await world.until(() => world.ledger.runs.length > 0);
      const { sandbox } = world.engine.find(sessionId);
      if (sandbox) sandbox.supervisor.faults.halfUploads = 3;
    },
  },
  {
    name: "a checkpoint that is not what it says is refused and shown",
    quick: true,
    async run(world) {
      const sessionId = await world.createSession({ label: "hostile", plan: { save: "hostile" } });
      await world.settle();
      const failed = world.clients[0]?.record.events.some((event) => event.type === "checkpoint.failed");
      world.expect(failed === true, "nothing on the timeline says that the work was not saved");
      await world.send(sessionId, "honest");
    },
  },
  {
    name: "kill -9: while the work is saved, 6 random moments",
    quick: false,
    async run(world) {
      const plan = { parts: 1, deltas: 1, paceMs: 1 };
      const sessionId = await world.createSession({ label: "first", plan });
      for (let kill = 0; kill < 6; kill++) {
        await world.until(() => world.ledger.runs.length > kill);
        await pause(world.random.between(0, 250));
        await world.kill();
        const recovering = world.recover();
        await world.send(sessionId, `prompt ${kill}`, plan);
        await recovering;
      }
    },
  },
];
