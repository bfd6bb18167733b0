import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { newId, type PromptId, type SessionId } from "@background-agents/shared/ids";
import type { ErrorAnswer } from "@background-agents/shared/protocol/commands";
import { writePlan, type AgentPlan } from "./agent-plan.ts";
import { collectEvidence, readRows } from "./collect-evidence.ts";
import type { Evidence } from "./evidence.ts";
import { createLedger } from "./ledger.ts";
import type { Random } from "./random.ts";
import { openRecordingClient, type RecordingClient } from "./recording-client.ts";
import { serveRemoteEngine } from "./remote-engine.ts";
import { startServerProcess, type ServerExit, type ServerProcess } from "./server-process.ts";
import { createSimulatedEngine } from "./simulated-engine.ts";
import { makeUserRepository, readUserState } from "./user-repository.ts";

/** Longest wait for things to come to rest; above the reconciler's 30 s and the silence limit of a link. */
const SETTLE_MS = 60_000;
const LOOK_EVERY_MS = 40;

export interface Answer {
  status: number;
  body: Partial<ErrorAnswer> & Record<string, unknown>;
}

export type FaultWorld = Awaited<ReturnType<typeof createFaultWorld>>;

/**
 * One fault's world: a data directory, a user's repository, an engine, and a server process that may be killed at any
 * moment. Everything that must be compared afterwards lives outside that process.
 */
export async function createFaultWorld(deps: {
  bundle: string;
  random: Random;
  onKill: () => void;
  /** Makes the data directory a file system of its own. */
  dataDirSize?: string | undefined;
}) {
  const { random } = deps;
  const root = realpathSync(mkdtempSync(join(tmpdir(), "baf-")));
  const [dataDir, reposDir, volumesDir] = [join(root, "data"), join(root, "repos"), join(root, "volumes")];
  for (const directory of [dataDir, reposDir, volumesDir]) mkdirSync(directory);
  if (deps.dataDirSize) execFileSync("mount", ["-t", "tmpfs", "-o", `size=${deps.dataDirSize}`, "tmpfs", dataDir]);
  const repository = join(reposDir, "example");
  await makeUserRepository(repository);

  const ledger = createLedger();
  const engine = createSimulatedEngine({ volumesDir, ledger, random });
  const engineSocket = join(root, "engine.sock");
  const remote = await serveRemoteEngine(engine, engineSocket);
  const clients: RecordingClient[] = [];
  const surprises: string[] = [];
  const recoveriesMs: number[] = [];
  let userState = await readUserState(repository);
  let foreignExpected = 0;
  let port = 0;
  let server: ServerProcess | undefined;

  const environment = (extra: Record<string, string>): Record<string, string> => ({
    PORT: String(port),
    DATA_DIR: dataDir,
    REPOS_DIR: reposDir,
    LOG_LEVEL: "warn",
    MAX_RUNNING_SESSIONS: "100",
    FAULTS_ENGINE: engineSocket,
    ...extra,
  });
  const token = (): string => readFileSync(join(dataDir, "api-token"), "utf8").trim();

  async function call(method: string, path: string, body?: unknown): Promise<Answer> {
    const answer = await fetch(`http://localhost:${port}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token()}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, body: text.startsWith("{") ? (JSON.parse(text) as Answer["body"]) : { text } };
  }

  /** Asks until the server gave an answer that is not its own failure: what a good client does. */
  async function insist(method: string, path: string, body?: unknown): Promise<Answer> {
    for (;;) {
      const answer = await call(method, path, body).catch(() => undefined);
      if (answer && answer.status < 500) return answer;
      await pause(LOOK_EVERY_MS);
    }
  }

  const world = {
    root,
    dataDir,
    reposDir,
    repository,
    random,
    ledger,
    engine,
    clients,
    surprises,
    recoveriesMs,
    call,
    insist,
    setClock: remote.setClock,

    get server(): ServerProcess {
      if (!server) throw new Error("no server was started");
      return server;
    },

    address: () => ({ port, token: token() }),

    /** The label of what is ours on the engine. */
    instance: () => readFileSync(join(dataDir, "instance-id"), "utf8").trim(),

    /** Starts the server; throws with what it printed where it ended instead of serving. */
    async start(env: Record<string, string> = {}): Promise<void> {
      server = startServerProcess({ bundle: deps.bundle, env: environment(env) });
      const { exited } = server;
      const served = await server.ready;
      if (served === undefined) throw new Error(`the server did not start: ${JSON.stringify(await exited)}`);
      port = served;
    },

    /** Starts a server of which it is expected that it ends by itself. */
    async startInVain(env: Record<string, string> = {}): Promise<ServerExit> {
      const vain = startServerProcess({ bundle: deps.bundle, env: environment(env) });
      if ((await vain.ready) !== undefined && !env["FAULTS_FAILPOINT"]) vain.signal("SIGKILL");
      return vain.exited;
    },

    async kill(): Promise<void> {
      if (!server?.running) return;
      deps.onKill();
      server.signal("SIGKILL");
      await server.exited;
    },

    /** A start after a kill, measured until every client is back. */
    async recover(env: Record<string, string> = {}): Promise<void> {
      const before = clients.map((client) => client.connections);
      const since = performance.now();
      await world.start(env);
      await world.until(() => clients.every((client, place) => client.connections > (before[place] ?? 0)));
      recoveriesMs.push(performance.now() - since);
    },

    async killAndRecover(): Promise<void> {
      await world.kill();
      await world.recover();
    },

    /** Runs with the failpoint armed until the server killed itself there, then starts it again. */
    async crashAt(failpoint: string, work: () => Promise<unknown>): Promise<void> {
      await world.kill();
      await world.start({ FAULTS_FAILPOINT: failpoint });
      const working = work();
      const { signal } = await world.server.exited;
      if (signal === "SIGKILL") deps.onKill();
      world.expect(signal === "SIGKILL", `the failpoint ${failpoint} was not reached`);
      await world.recover();
      await working;
    },

    /** Looks again and again; false where it did not come true in time. */
    async until(fits: () => boolean, withinMs = SETTLE_MS): Promise<boolean> {
      for (const end = performance.now() + withinMs; performance.now() < end; await pause(LOOK_EVERY_MS)) {
        if (fits()) return true;
      }
      return fits();
    },

    /** What a fault adds to the invariants. */
    expect(holds: boolean, otherwise: string): void {
      if (!holds) surprises.push(otherwise);
    },

    /** A session with an open client. The id is the client's: asking again makes no second one. */
    async createSession(first?: { label: string; plan?: Partial<AgentPlan> }): Promise<SessionId> {
      const id = newId("session");
      const prompt = first && { id: newId("prompt"), text: writePlan(first.label, first.plan) };
      const body = { id, repository, model: "demo/scripted", ...(prompt ? { prompt } : {}) };
      const { status, body: answer } = await insist("POST", "/api/sessions", body);
      if (status !== 201) throw new Error(`no session was made: ${status} ${JSON.stringify(answer)}`);
      if (prompt) ledger.accepted.push({ sessionId: id, promptId: prompt.id });
      world.watch(id);
      return id;
    },

    watch(sessionId: SessionId): RecordingClient {
      const client = openRecordingClient({ sessionId, address: world.address });
      clients.push(client);
      return client;
    },

    /** Sends a prompt until it is accepted. */
    async send(sessionId: SessionId, label: string, plan: Partial<AgentPlan> = {}): Promise<PromptId> {
      const promptId = newId("prompt");
      const body = { id: promptId, text: writePlan(label, plan) };
      const { status, body: answer } = await insist("POST", `/api/sessions/${sessionId}/prompts`, body);
      if (status !== 202) throw new Error(`the prompt was not accepted: ${status} ${JSON.stringify(answer)}`);
      ledger.accepted.push({ sessionId, promptId });
      return promptId;
    },

    statusOf: (promptId: PromptId) => readRows(dataDir).prompts.find(({ id }) => id === promptId)?.status,

    /** The user did something to the repository: that is how it is to stay. */
    async userDid(): Promise<void> {
      userState = await readUserState(repository);
    },

    expectForeign(count: number): void {
      foreignExpected = count;
    },

    /** Waits until nothing is under way: every prompt ended, everything published, acked, shown, and cleared away. */
    async settle(withinMs = SETTLE_MS): Promise<void> {
      const settled = await world.until(() => findUnrest() === undefined, withinMs);
      if (!settled) surprises.push(`not at rest after ${Math.round(withinMs / 1000)} s: ${findUnrest()}`);
    },

    async collect(): Promise<Evidence> {
      const records = clients.map(({ record }) => record);
      const place = { dataDir, repository, instance: world.instance(), ledger, engine, clients: records };
      return collectEvidence({ ...place, userState, foreignExpected });
    },

    /** Answers what the server printed last. */
    async close(): Promise<string> {
      for (const client of clients) client.close();
      if (server?.running) server.signal("SIGKILL");
      const exit = await server?.exited;
      engine.close();
      await remote.close();
      if (deps.dataDirSize) execFileSync("umount", ["--lazy", dataDir]);
      rmSync(root, { recursive: true, force: true });
      return exit?.stderr ?? "";
    },
  };

  function findUnrest(): string | undefined {
    const { prompts, sessions } = readRows(dataDir);
    const open = prompts.find((prompt) => prompt.ended_at === null);
    if (open) return `${open.id} is ${open.status}`;
    for (const session of sessions) {
      const { last_commit: last, published_commit: published } = session;
      if (last !== published && session.publish_conflict === null) return `${session.id} is not published`;
      if (["creating", "booting", "stopping", "queued"].includes(session.sandbox_status)) {
        return `the sandbox of ${session.id} is ${session.sandbox_status}`;
      }
      const behind = clients.find(
        ({ record }) => record.sessionId === session.id && record.session?.lastSeq !== session.last_seq,
      );
      if (behind) return `a client of ${session.id} is at ${behind.record.session?.lastSeq}, not ${session.last_seq}`;
    }
    for (const { running, sandbox, handle } of engine.containers.values()) {
      if (running && sandbox && sandbox.supervisor.unacked > 0) return `${handle} has unacked reports`;
    }
    return undefined;
  }

  return world;
}
