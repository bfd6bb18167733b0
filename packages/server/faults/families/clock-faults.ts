import type { Fault } from "../fault.ts";

const HOUR_MS = 3_600_000;

export const CLOCK_FAULTS: Fault[] = [1, -1].map((hours) => ({
  name: `clock ${hours > 0 ? "+" : "−"} 1 h mid-turn, and back over a restart`,
  quick: hours > 0,
  async run(world) {
    const sessionId = await world.createSession({ label: "first", plan: { parts: 10, paceMs: 15 } });
    await world.until(() => world.ledger.runs.length > 0);
    world.setClock(hours * HOUR_MS);
    await world.send(sessionId, "second");
    await world.settle();
    await world.kill();
    await world.recover({ FAULTS_CLOCK_MS: String(-hours * HOUR_MS) });
    await world.send(sessionId, "third");
    await world.settle();
    await world.killAndRecover();
    await world.send(sessionId, "fourth");
  },
}));
