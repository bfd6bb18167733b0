import { setTimeout as pause } from "node:timers/promises";
import { newId } from "@background-agents/shared/ids";
import type { Fault } from "../fault.ts";
import type { FaultWorld } from "../fault-world.ts";
import { git } from "../workspace-git.ts";

/** kill -9 of the server, at moments that are drawn and at moments that are named. */
export const SERVER_KILLS: Fault[] = [
  {
    name: "kill -9: idle",
    quick: true,
    async run(world) {
      const sessionId = await world.createSession({ label: "first" });
      await world.settle();
      await world.killAndRecover();
      await world.send(sessionId, "second");
    },
  },
  { name: "kill -9: mid-stream, 10 random moments", quick: true, run: (world) => killMidStream(world, 10) },
  { name: "kill -9: mid-stream, 60 random moments", quick: false, run: (world) => killMidStream(world, 60) },
  {
    name: "kill -9: while it starts, 5 times in a row",
    quick: true,
    async run(world) {
      await world.createSession({ label: "long", plan: { parts: 30, paceMs: 15 } });
      await pause(world.random.between(200, 600));
      for (let time = 0; time < 5; time++) {
        await world.kill();
        void world.start().catch(() => undefined);
        await pause(world.random.between(20, 500));
      }
      await world.kill();
      await world.recover();
    },
  },
  {
    name: "kill -9: while sessions are created",
    quick: true,
    async run(world) {
      const creations = Array.from({ length: 4 }, (_, place) => world.createSession({ label: `session ${place}` }));
      for (let time = 0; time < 3; time++) {
        await pause(world.random.between(10, 250));
        await world.killAndRecover();
      }
      await Promise.all(creations);
    },
  },
  {
    name: "kill -9: the turn ends without a server, and its container after it",
    quick: true,
    mayFail: true,
    run: endWithoutServer,
  },
  {
    name: "kill -9: the work waits for the server until its container ends",
    quick: true,
    mayFail: true,
    run: workWaitsInVain,
  },
  {
    name: "SIGSTOP of the server for 5 s",
    quick: false,
    async run(world) {
      await world.createSession({ label: "long", plan: { parts: 20, paceMs: 20 } });
      await pause(400);
      world.server.signal("SIGSTOP");
      await pause(5000);
      world.server.signal("SIGCONT");
    },
  },
  {
    name: "SIGTERM mid-stream, then a start",
    quick: false,
    async run(world) {
      await world.createSession({ label: "long", plan: { parts: 12, paceMs: 15 } });
      await pause(world.random.between(300, 700));
      world.server.signal("SIGTERM");
      const { code } = await world.server.exited;
      world.expect(code === 0, `SIGTERM ended it with ${code}`);
      await world.recover();
    },
  },
];

/** What a turn made, and could not bring to a server that was away, is on the branch with the next turn's work. */
async function workWaitsInVain(world: FaultWorld): Promise<void> {
  const sessionId = await world.createSession({ label: "lost", plan: { parts: 3, paceMs: 10 } });
  await world.until(() => (world.ledger.runs[0]?.parts.length ?? 0) > 0);
  await world.kill();
  const { sandbox } = world.engine.find(sessionId);
  world.expect(await world.until(() => sandbox?.uploading === true), "the turn's work never waited for the server");
  world.engine.kill(sessionId, { exitCode: 0 });
  await world.recover();
  const lost = world.ledger.accepted[0]?.promptId ?? newId("prompt");
  await world.until(() => world.statusOf(lost) === "failed");
  await world.send(sessionId, "next");
  await world.settle();
  const { branch = "" } = world.clients[0]?.record.session ?? {};
  const files = await git(world.repository, "ls-tree", "--name-only", branch);
  world.expect(files.includes(lost), `the work of the turn is not on the branch: ${files}`);
}

/** The server was away to the end of a turn and of its container: the session's next container tells what it did. */
async function endWithoutServer(world: FaultWorld): Promise<void> {
  const plan = { parts: 6, paceMs: 10, save: "nothing" as const };
  const sessionId = await world.createSession({ label: "lost", plan });
  await world.until(() => (world.ledger.runs[0]?.parts.length ?? 0) > 1);
  await world.kill();
  await world.until(() => world.ledger.runs[0]?.outcome === "completed");
  world.engine.kill(sessionId, { exitCode: 0 });
  await world.recover();
  const lost = world.ledger.accepted[0]?.promptId;
  world.expect(
    await world.until(() => lost !== undefined && world.statusOf(lost) === "failed"),
    "the turn whose container is gone goes on",
  );
  await world.send(sessionId, "next");
  await world.settle();
  const events = world.clients[0]?.record.events ?? [];
  const told = events.filter((event) => event.type === "part.settled" && event.promptId === lost).length;
  world.expect(told === plan.parts, `${told} of ${plan.parts} parts of the turn are told`);
  const notice = events.find((event) => event.type === "notice.raised" && event.data.code === "turn.ended-late");
  world.expect(notice?.promptId === lost, "nothing says that the turn had been finished");
}

/** Two sessions always at work, and a server that never lives long. */
async function killMidStream(world: FaultWorld, kills: number): Promise<void> {
  const plan = { parts: 6, deltas: 10, paceMs: 8 };
  const sessions = [
    await world.createSession({ label: "a", plan }),
    await world.createSession({ label: "b", plan }),
  ] as const;
  let sent = 0;
  for (let kill = 0; kill < kills; kill++) {
    await pause(world.random.between(10, 900));
    await world.kill();
    const recovering = world.recover();
    if (sent++ < kills / 2) await world.send(world.random.pick(sessions), `prompt ${sent}`, plan);
    await recovering;
  }
}
