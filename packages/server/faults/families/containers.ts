import type { SessionId } from "@background-agents/shared/ids";
import type { Fault } from "../fault.ts";
import type { FaultWorld } from "../fault-world.ts";
import { git } from "../workspace-git.ts";

/** A container that ends in the middle of a turn, in some way; then the next prompt must work. */
function endsMidTurn(
  name: string,
  end: (world: FaultWorld, sessionId: SessionId) => Promise<void> | void,
  says: RegExp,
): Fault {
  return {
    name,
    quick: !["supervisor killed mid-turn", "docker rm -f while the server is down"].includes(name),
    mayFail: true,
    async run(world) {
      const sessionId = await world.createSession({ label: "lost", plan: { endless: true } });
      await world.until(() => (world.ledger.runs[0]?.parts.length ?? 0) > 1);
      await end(world, sessionId);
      const lost = world.ledger.accepted[0]?.promptId;
      await world.until(() => lost !== undefined && world.statusOf(lost) === "failed");
      const reason = (): string => world.clients[0]?.record.session?.statusReason ?? "";
      const said = await world.until(() => says.test(reason()), 10_000);
      world.expect(said, `the session says "${reason()}", not ${says.source}`);
      const next = await world.send(sessionId, "next");
      await world.until(() => world.statusOf(next) !== undefined && world.statusOf(next) !== "queued");
      await world.settle();
      world.expect(world.statusOf(next) === "completed", `the next prompt is ${world.statusOf(next)}`);
    },
  };
}

export const CONTAINER_FAULTS: Fault[] = [
  endsMidTurn(
    "supervisor killed mid-turn",
    (world, sessionId) => world.engine.kill(sessionId, { exitCode: 137 }),
    /exit code 137/,
  ),
  endsMidTurn("docker rm -f mid-turn", (world, sessionId) => world.engine.removeContainer(sessionId), /container/),
  endsMidTurn(
    "out of memory in the sandbox",
    (world, sessionId) => world.engine.kill(sessionId, { exitCode: 137, outOfMemory: true }),
    /out of memory/,
  ),
  endsMidTurn(
    "out of memory while the server is down",
    async (world, sessionId) => {
      await world.kill();
      world.engine.kill(sessionId, { exitCode: 137, outOfMemory: true });
      await world.recover();
    },
    /out of memory/,
  ),
  endsMidTurn(
    "docker rm -f while the server is down",
    async (world, sessionId) => {
      await world.kill();
      world.engine.removeContainer(sessionId);
      await world.recover();
    },
    /gone/,
  ),
  {
    name: "container ends while a stop is under way",
    quick: true,
    async run(world) {
      const sessionId = await world.createSession({ label: "first", plan: { endless: true, paceMs: 200 } });
      await world.until(() => world.ledger.runs.length > 0);
      const { sandbox } = world.engine.find(sessionId);
      if (sandbox) sandbox.supervisor.faults.silent = true;
      await world.insist("POST", `/api/sessions/${sessionId}/stop`);
      world.engine.kill(sessionId, { exitCode: 1 });
      await world.settle();
      const [prompt] = Object.values(world.clients[0]?.record.prompts ?? {});
      world.expect(prompt === "interrupted", `the stopped prompt is ${prompt}`);
    },
  },
  {
    name: "container and volume lost between turns",
    quick: true,
    async run(world) {
      const sessionId = await world.createSession({ label: "first" });
      await world.settle();
      world.engine.removeContainer(sessionId);
      world.engine.removeVolume(sessionId);
      const second = await world.send(sessionId, "second");
      await world.settle();
      world.expect(world.statusOf(second) === "completed", `the second prompt is ${world.statusOf(second)}`);
      const { branch = "" } = world.clients[0]?.record.session ?? {};
      const files = await git(world.repository, "ls-tree", "--name-only", branch);
      const missing = world.ledger.runs.filter(({ promptId }) => !files.includes(promptId));
      world.expect(missing.length === 0, `${missing.length} turns' work is not on the branch: ${files}`);
    },
  },
  {
    name: "host reboot mid-turn: server and containers end at once",
    quick: true,
    mayFail: true,
    async run(world) {
      const sessionId = await world.createSession({ label: "first" });
      await world.settle();
      const lost = await world.send(sessionId, "lost", { endless: true });
      await world.until(() => (world.ledger.runs[1]?.parts.length ?? 0) > 1);
      await world.kill();
      world.engine.endAll();
      await world.recover();
      await world.until(() => world.statusOf(lost) === "failed");
      const next = await world.send(sessionId, "next");
      await world.settle();
      world.expect(world.statusOf(next) === "completed", `the next prompt is ${world.statusOf(next)}`);
    },
  },
];
