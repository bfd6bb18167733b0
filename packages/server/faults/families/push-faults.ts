import { existsSync } from "node:fs";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { SessionId } from "@background-agents/shared/ids";
import type { SessionEvent } from "@background-agents/shared/protocol/session-events";
import type { Fault } from "../fault.ts";
import type { FaultWorld } from "../fault-world.ts";
import { git } from "../workspace-git.ts";

interface Outward {
  sessionId: SessionId;
  /** A bare repository that is `origin` of the user's. */
  remote: string;
}

/** A session with a finished turn, and a remote to push it to. */
async function prepare(world: FaultWorld): Promise<Outward> {
  const remote = join(world.root, "remote.git");
  await mkdir(remote);
  await git(remote, "init", "--quiet", "--bare", "-b", "main");
  await git(world.repository, "push", "--quiet", remote, "main");
  await git(world.repository, "remote", "add", "origin", remote);
  await world.userDid();
  const sessionId = await world.createSession({ label: "first" });
  await world.settle();
  return { sessionId, remote };
}

async function plantHook(remote: string, script: string): Promise<void> {
  const hook = join(remote, "hooks", "pre-receive");
  await mkdir(join(remote, "hooks"), { recursive: true });
  await writeFile(hook, `#!/bin/sh\n${script}\n`);
  await chmod(hook, 0o755);
}

/** Starts the job and waits for its end; gives its error's code, null where it succeeded. */
async function runJob(
  world: FaultWorld,
  { sessionId, way, body = {} }: { sessionId: SessionId; way: string; body?: object },
): Promise<string | null> {
  const { status, body: answer } = await world.insist("POST", `/api/sessions/${sessionId}/${way}`, body);
  if (status !== 202) throw new Error(`${way} was not accepted: ${status} ${JSON.stringify(answer)}`);
  const { id } = answer["job"] as { id: string };
  const client = world.clients.find(({ record }) => record.sessionId === sessionId);
  if (!client) throw new Error(`nobody watches ${sessionId}`);
  const isEnd = (event: SessionEvent) =>
    (event.type === "job.succeeded" || event.type === "job.failed") && event.data.jobId === id;
  await client.until(({ events }) => events.some(isEnd));
  const end = client.record.events.find(isEnd);
  return end?.type === "job.failed" ? end.data.error.code : null;
}

/** The work is on the remote, whole, is recorded once, and nothing else changed there. */
async function expectPushed(world: FaultWorld, { remote }: Outward): Promise<void> {
  const session = world.clients[0]?.record.session;
  const refs = await git(remote, "for-each-ref", "--format=%(refname)");
  world.expect(refs === `refs/heads/${session?.branch}\nrefs/heads/main`, `the remote has ${refs}`);
  const found = await git(remote, "rev-parse", session?.branch ?? "");
  world.expect(found === session?.lastCommit, `the remote is at ${found}, not at ${session?.lastCommit}`);
  const fsck = await git(remote, "fsck", "--strict", "--no-dangling", "--no-progress").catch(String);
  world.expect(fsck === "", `the remote is not sound: ${fsck}`);
  const events = world.clients[0]?.record.events ?? [];
  const pushed = events.filter(({ type }) => type === "branch.pushed");
  world.expect(pushed.length === 1, `the push is recorded ${pushed.length} times`);
  const open = events.filter(({ type }) => type === "job.started").length;
  const closed = events.filter(({ type }) => type === "job.succeeded" || type === "job.failed").length;
  world.expect(open === closed, `${open} jobs began, ${closed} ended`);
}

export const PUSH_FAULTS: Fault[] = [
  {
    name: "kill -9: between a push and its COMMIT",
    quick: true,
    async run(world) {
      const outward = await prepare(world);
      const { sessionId } = outward;
      const id = await crash(world, "push.sent:1", { sessionId, way: "push" });
      world.expect(id === "job.interrupted", `the job that was cut off ended with ${id}`);
      world.expect((await runJob(world, { sessionId, way: "push" })) === null, "the second push failed");
      await world.settle();
      await expectPushed(world, outward);
    },
  },
  {
    name: "kill -9: in the middle of a push",
    quick: true,
    async run(world) {
      const outward = await prepare(world);
      const { sessionId, remote } = outward;
      const [reached, go] = [join(world.root, "reached"), join(world.root, "go")];
      await plantHook(remote, `touch '${reached}'; while [ ! -e '${go}' ]; do sleep 0.05; done`);
      await world.insist("POST", `/api/sessions/${sessionId}/push`, {});
      await world.until(() => existsSync(reached));
      await world.killAndRecover();
      // What git began may still come to its end, before or while the next push runs.
      await writeFile(go, "");
      for (let attempt = 0; attempt < 5; attempt += 1) {
        if ((await runJob(world, { sessionId, way: "push" })) === null) break;
      }
      await world.settle();
      await expectPushed(world, outward);
    },
  },
  {
    name: "the remote refuses a push, then takes it",
    quick: false,
    async run(world) {
      const outward = await prepare(world);
      const { sessionId, remote } = outward;
      await plantHook(remote, "echo 'Your token has expired.' >&2; exit 1");
      const code = await runJob(world, { sessionId, way: "push" });
      world.expect(code === "push.rejected", `the refused push ended with ${code}`);
      await plantHook(remote, "exit 0");
      world.expect((await runJob(world, { sessionId, way: "push" })) === null, "the second push failed");
      await world.settle();
      await expectPushed(world, outward);
    },
  },
  {
    name: "kill -9: between the files and the branch of an apply",
    quick: true,
    async run(world) {
      const { sessionId } = await prepare(world);
      await crash(world, "apply.moved:1", { sessionId, way: "apply", body: { how: "squash" } });
      world.expect(
        (await runJob(world, { sessionId, way: "apply", body: { how: "squash" } })) === null,
        "the second apply failed",
      );
      const status = await git(world.repository, "status", "--porcelain");
      world.expect(status === "", `the user's work tree has ${status}`);
      const count = await git(world.repository, "rev-list", "--count", "main");
      world.expect(count === "2", `main has ${count} commits`);
      await world.userDid();
      await world.settle();
    },
  },
];

/** Starts the job on a server that kills itself there; gives what the job ended with after the next start. */
async function crash(
  world: FaultWorld,
  failpoint: string,
  job: { sessionId: SessionId; way: string; body?: object },
): Promise<string | undefined> {
  const { sessionId, way, body = {} } = job;
  await world.kill();
  await world.start({ FAULTS_FAILPOINT: failpoint });
  await world.call("POST", `/api/sessions/${sessionId}/${way}`, body);
  const { signal } = await world.server.exited;
  world.expect(signal === "SIGKILL", `the failpoint ${failpoint} was not reached`);
  await world.recover();
  const { body: listed } = await world.insist("GET", `/api/sessions/${sessionId}/jobs`);
  return (listed["jobs"] as { error: { code: string } | null }[])[0]?.error?.code;
}
