import { setTimeout as pause } from "node:timers/promises";
import { newId } from "@background-agents/shared/ids";
import { writePlan } from "../agent-plan.ts";
import type { Fault } from "../fault.ts";

export const PROMPT_FAULTS: Fault[] = [
  {
    name: "one prompt sent many times with the same id, during kills",
    quick: true,
    async run(world) {
      const sessionId = await world.createSession();
      const promptId = newId("prompt");
      const body = { id: promptId, text: writePlan("many times", { parts: 8, paceMs: 15 }) };
      const sending = Array.from({ length: 8 }, async (_, place) => {
        await pause(place * 60);
        const { status } = await world.insist("POST", `/api/sessions/${sessionId}/prompts`, body);
        world.expect(status === 202, `sending it again was answered with ${status}`);
      });
      for (let kill = 0; kill < 3; kill++) {
        await pause(world.random.between(20, 150));
        await world.killAndRecover();
      }
      await Promise.all(sending);
      world.ledger.accepted.push({ sessionId, promptId });
      const other = await world.insist("POST", `/api/sessions/${sessionId}/prompts`, { ...body, text: "another" });
      world.expect(other.status === 409, `the same id with another text was answered with ${other.status}`);
    },
  },
  {
    name: "a queue of prompts, during kills",
    quick: true,
    async run(world) {
      const sessionId = await world.createSession();
      const sent = [];
      for (let place = 0; place < 6; place++) sent.push(await world.send(sessionId, `place ${place}`));
      for (let kill = 0; kill < 4; kill++) {
        await pause(world.random.between(50, 600));
        await world.killAndRecover();
      }
      await world.settle();
      const ran = world.ledger.runs.map((run) => run.promptId);
      world.expect(JSON.stringify(ran) === JSON.stringify(sent), "they did not run in the order they were sent");
    },
  },
  {
    name: "stop, during kills",
    quick: true,
    async run(world) {
      const sessionId = await world.createSession();
      for (const killFirst of [true, false]) {
        const prompt = await world.send(sessionId, "endless", { endless: true });
        await world.until(() => world.ledger.runs.some((run) => run.promptId === prompt && run.parts.length > 0));
        if (killFirst) await world.kill();
        const stopping = world.insist("POST", `/api/sessions/${sessionId}/stop`);
        if (killFirst) await world.recover();
        else {
          await pause(world.random.between(0, 20));
          await world.killAndRecover();
        }
        await stopping;
        const ended = await world.until(() => world.statusOf(prompt) === "interrupted");
        world.expect(ended, `the stopped prompt is ${world.statusOf(prompt)}`);
      }
      await world.send(sessionId, "next");
    },
  },
  {
    name: "queued prompts cancelled, during kills",
    quick: false,
    async run(world) {
      const sessionId = await world.createSession({ label: "first", plan: { parts: 10, paceMs: 20 } });
      const queued = await world.send(sessionId, "cancelled");
      const kept = await world.send(sessionId, "kept");
      const cancelling = world.insist("DELETE", `/api/sessions/${sessionId}/prompts/${queued}`);
      await world.killAndRecover();
      await cancelling;
      await world.settle();
      world.expect(world.statusOf(queued) === "cancelled", `the cancelled prompt is ${world.statusOf(queued)}`);
      world.expect(world.statusOf(kept) === "completed", `the other is ${world.statusOf(kept)}`);
    },
  },
  {
    name: "a session deleted mid-turn, then kill -9",
    quick: true,
    async run(world) {
      await world.createSession({ label: "stays", plan: { parts: 8, paceMs: 20 } });
      const sessionId = await world.createSession({ label: "goes", plan: { endless: true } });
      await world.until(() => world.ledger.runs.length === 2);
      await world.insist("DELETE", `/api/sessions/${sessionId}`);
      await world.killAndRecover();
      const ended = await world.until(() => world.engine.containers.size === 1);
      world.expect(ended, "the deleted session's container is still there");
    },
  },
];
