import { setTimeout as pause } from "node:timers/promises";
import { newId, type PromptId, type SessionId } from "@background-agents/shared/ids";
import { writePlan } from "../agent-plan.ts";
import type { Fault } from "../fault.ts";
import type { FaultWorld } from "../fault-world.ts";
import type { Asked, AskKind } from "../ledger.ts";

const ANSWERS = { question: { answers: [["This"]] }, permission: { reply: "once" } };
const PLAN = { parts: 4, deltas: 4, paceMs: 5 };

/** A session whose agent asks, once the user is shown it. */
async function begin(world: FaultWorld, kind: AskKind): Promise<{ sessionId: SessionId; asked: Asked }> {
  const sessionId = await world.createSession({ label: `asks a ${kind}`, plan: { ...PLAN, asks: kind } });
  const findAsked = (): Asked | undefined => world.ledger.runs.find((run) => run.sessionId === sessionId)?.asked[0];
  await world.until(() => findAsked() !== undefined && statusOf(world, sessionId) === "waiting");
  const asked = findAsked();
  if (!asked) throw new Error("the agent asked nothing");
  return { sessionId, asked };
}

const statusOf = (world: FaultWorld, sessionId: SessionId): string | undefined =>
  world.clients.find(({ record }) => record.sessionId === sessionId)?.record.session?.status;

/** Answers until it is taken; 409 is what a second try hears whose first was taken. */
async function answer(world: FaultWorld, sessionId: SessionId, { id, kind }: Asked): Promise<void> {
  const { status } = await world.insist("POST", `/api/sessions/${sessionId}/${kind}s/${id}`, ANSWERS[kind]);
  world.expect(status < 300 || status === 409, `the answer was answered with ${status}`);
}

/** Sends a prompt that should join the running turn. */
async function steer(world: FaultWorld, sessionId: SessionId, label: string): Promise<PromptId> {
  const promptId = newId("prompt");
  const body = { id: promptId, text: writePlan(label, { parts: 1 }), mode: "steer" };
  const { status } = await world.insist("POST", `/api/sessions/${sessionId}/prompts`, body);
  world.expect(status === 202, `a steering prompt was answered with ${status}`);
  world.ledger.accepted.push({ sessionId, promptId });
  return promptId;
}

function openDuringKills(kind: AskKind): Fault {
  return {
    name: `a ${kind} open during kills, answered after the last`,
    quick: true,
    async run(world) {
      const { sessionId, asked } = await begin(world, kind);
      for (let kill = 0; kill < 3; kill++) {
        await pause(world.random.between(0, 200));
        await world.killAndRecover();
      }
      const shown = await world.until(() => statusOf(world, sessionId) === "waiting");
      world.expect(shown, `after the kills the session is ${statusOf(world, sessionId)}`);
      world.expect(asked.heard === undefined, "it was answered by nobody");
      await answer(world, sessionId, asked);
    },
  };
}

function answeredWhileAway(kind: AskKind): Fault {
  return {
    name: `a ${kind} answered while the hub link is cut`,
    quick: true,
    async run(world) {
      const { sessionId, asked } = await begin(world, kind);
      const { sandbox } = world.engine.find(sessionId);
      if (!sandbox) throw new Error("the container has no supervisor");
      sandbox.supervisor.faults.silent = true;
      sandbox.supervisor.cut();
      await answer(world, sessionId, asked);
      world.expect(asked.heard === undefined, "the link was not cut");
      await world.killAndRecover();
      sandbox.supervisor.faults.silent = false;
      sandbox.supervisor.cut();
    },
  };
}

export const ASKING_FAULTS: Fault[] = [
  openDuringKills("question"),
  openDuringKills("permission"),
  answeredWhileAway("question"),
  answeredWhileAway("permission"),
  {
    name: "a question answered at the moment of a kill, 6 times",
    quick: false,
    async run(world) {
      for (let time = 0; time < 6; time++) {
        const { sessionId, asked } = await begin(world, time % 2 === 0 ? "question" : "permission");
        const answering = answer(world, sessionId, asked);
        await pause(world.random.between(0, 8));
        await world.killAndRecover();
        await answering;
      }
    },
  },
  {
    name: "stop while a question is open, during a kill",
    quick: true,
    async run(world) {
      const { sessionId, asked } = await begin(world, "question");
      await world.kill();
      const stopping = world.insist("POST", `/api/sessions/${sessionId}/stop`);
      await world.recover();
      await stopping;
      await world.until(() => asked.heard !== undefined);
      world.expect(asked.heard === null, `the agent heard ${JSON.stringify(asked.heard)}`);
      await world.send(sessionId, "next");
    },
  },
  {
    name: "steering during kills",
    quick: true,
    async run(world) {
      // However long a busy machine takes to start the server again, there is a turn to join.
      const sessionId = await world.createSession({ label: "long", plan: { endless: true, paceMs: 20 } });
      await world.until(() => world.ledger.runs.some((run) => run.parts.length > 0));
      const steered: PromptId[] = [];
      for (let kill = 0; kill < 4; kill++) {
        const steering = steer(world, sessionId, `steers ${kill}`);
        await pause(world.random.between(0, 60));
        await world.killAndRecover();
        steered.push(await steering);
      }
      await world.until(() => (world.ledger.runs[0]?.steered.length ?? 0) > 0);
      await world.insist("POST", `/api/sessions/${sessionId}/stop`);
      await world.settle();
      const joined = world.ledger.runs[0]?.steered ?? [];
      world.expect(joined.length > 0, "no prompt joined the turn");
      world.expect(new Set(joined).size === joined.length, "a prompt joined the turn twice");
      world.expect(
        steered.every((id) => ["steered", "completed"].includes(world.statusOf(id) ?? "")),
        "a steering prompt is lost",
      );
    },
  },
];
