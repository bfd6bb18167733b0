import { execFileSync } from "node:child_process";
import { request } from "node:http";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll } from "vitest";
import type { Approval } from "@background-agents/shared/sessions/approval";
import type { Session } from "@background-agents/shared/sessions/session";
import { makeAgentCommands, type AgentCommands } from "./agent-commands.ts";
import type { FakeTurn } from "./fake-supervisor.ts";
import { startSshRemote, type SshRemote } from "./ssh-remote.ts";
import { makeRepository, startTestServer, type TestServer, type Watcher } from "./test-server.ts";

export interface AgentSession {
  server: TestServer;
  session: Session;
  watcher: Watcher;
  agent: AgentCommands;
  turn: FakeTurn;
  /** The user's repository. */
  repository: string;
  /** The bare repository on the other side of SSH. */
  bare: string;
  get: () => Promise<Session>;
  approve: (approvalId: string, body: object) => Promise<{ status: number; body: never }>;
  endTurn: () => Promise<void>;
  /** Asks the session's hub as no program of ours would. */
  askHub: (method: string, path: string, body?: string | Buffer) => Promise<{ status: number; text: string }>;
  /** What the user decides on next. */
  untilAsked: (after?: number) => Promise<Approval>;
  close: () => Promise<void>;
}

export interface AgentSessionOptions {
  agentPush?: string;
  remote?: boolean;
  /** The host of the remote's address; the SSH server answers to every name. */
  host?: string;
  env?: Record<string, string>;
}

let made = 0;
const idsOf = (turn: FakeTurn) => ({ promptId: turn.deliver.promptId, turnId: turn.deliver.turnId });

/** Git as the user, who can reach the SSH remote. */
export function userGit(cwd: string, ...args: string[]): string {
  return execFileSync("git", args, { cwd, encoding: "utf8", stdio: "pipe" }).trim();
}

/** Writes a file in the agent's clone and commits it. */
export function commitFile(agent: AgentCommands, name: string, content = name): string {
  writeFileSync(join(agent.tree, name), content);
  agent.git("add", "-A");
  agent.git("commit", "--quiet", "-m", `Write ${name}`);
  return agent.git("rev-parse", "HEAD");
}

/** A session whose turn runs, and its agent's clone; the user's repository has an SSH remote unless told otherwise. */
export async function openAgentSession(ssh: SshRemote, options: AgentSessionOptions = {}): Promise<AgentSession> {
  made += 1;
  let begun: (turn: FakeTurn) => void = () => undefined;
  const running = new Promise<FakeTurn>((resolve) => (begun = resolve));
  let server = await startTestServer({
    onTurn: async (turn) => {
      await turn.supervisor.report({ kind: "turn.started", ...idsOf(turn), messageId: "msg_1" });
      begun(turn);
    },
    ...(options.env && { env: options.env }),
  });
  const repository = makeRepository(server.reposDir, "example");
  const { path: bare, url } = ssh.makeBare(`ada/example-${made}`, options.host);
  if (options.remote !== false) {
    userGit(repository, "remote", "add", "origin", url);
    userGit(repository, "push", "--quiet", "origin", "main");
  }
  const body = {
    ...{ repository, model: "demo/scripted", title: "Fix it", prompt: { text: "go" } },
    agentPush: options.agentPush ?? "ask",
  };
  const { session } = (await server.call("POST", "/api/sessions", body)).body as { session: Session };
  const turn = await running;
  const [container] = server.provider.containers.values();
  if (!container) throw new Error("no container");
  const { mirrorPath, hubDirectory } = container.order;
  const hubSocket = join(hubDirectory, "hub.sock");
  const agent = await makeAgentCommands({
    ...{ mirrorPath, hubSocket, branch: session.branch, baseCommit: session.baseCommit },
  });
  const path = `/api/sessions/${session.id}`;
  const opened: AgentSession = {
    ...{ session, agent, turn, bare, repository },
    get server() {
      return server;
    },
    set server(restarted) {
      server = restarted;
    },
    watcher: await server.watch(session.id, 0),
    get: async () => ((await server.call("GET", path)).body as { session: Session }).session,
    approve: (approvalId, answer) => server.call("POST", `${path}/approvals/${approvalId}`, answer),
    endTurn: () => turn.supervisor.report({ kind: "turn.ended", ...idsOf(turn), outcome: "completed", durationMs: 1 }),
    askHub: (method, hubPath, content = "") =>
      new Promise((resolve, reject) => {
        const headers = { authorization: `Bearer ${readFileSync(join(hubDirectory, "token"), "utf8")}` };
        const outgoing = request({ socketPath: hubSocket, method, path: hubPath, headers }, (answer) => {
          let text = "";
          answer.on("data", (chunk: Buffer) => (text += chunk.toString()));
          answer.on("end", () => resolve({ status: answer.statusCode ?? 0, text }));
        });
        outgoing.on("error", reject);
        outgoing.end(content);
      }),
    async untilAsked(after = 0) {
      const frame = await opened.watcher.waitFor(
        (one) => one.type === "event" && one.event.type === "approval.asked" && one.event.seq > after,
      );
      if (frame.type !== "event" || frame.event.type !== "approval.asked") throw new Error("not asked");
      return frame.event.data;
    },
    async close() {
      agent.remove();
      await server.close();
    },
  };
  return opened;
}

/**
 * For a file of tests: an SSH remote that every git of this process reaches, and one session a test. Answers how to open
 * that session; it is closed with its test.
 */
export function useAgentSessions(): (options?: AgentSessionOptions) => Promise<AgentSession> {
  let ssh: SshRemote;
  let opened: AgentSession | undefined;
  const before = process.env["GIT_SSH_COMMAND"];
  beforeAll(async () => {
    ssh = await startSshRemote();
    Object.assign(process.env, ssh.env);
  });
  afterAll(async () => {
    if (before === undefined) delete process.env["GIT_SSH_COMMAND"];
    else process.env["GIT_SSH_COMMAND"] = before;
    await ssh.stop();
  });
  afterEach(() => opened?.close());
  return async (options) => (opened = await openAgentSession(ssh, options));
}
