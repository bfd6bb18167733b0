import { execFileSync } from "node:child_process";
import { newId } from "@background-agents/shared/ids";
import type { Job } from "@background-agents/shared/jobs/job";
import type { Session } from "@background-agents/shared/sessions/session";
import { afterAll, afterEach, beforeAll, beforeEach, vi } from "vitest";
import type { FakeTurn } from "./fake-supervisor.ts";
import { startSshRemote, type SshRemote } from "./ssh-remote.ts";
import { makeRepository, startTestServer, type TestServer, type Watcher } from "./test-server.ts";

/** A server, a user's repository with an SSH remote, and the session that a test began there. New for each test. */
export interface WaysOut {
  server: TestServer;
  /** The user's repository. */
  path: string;
  /** The remote `origin`. */
  bare: { path: string; url: string };
  session: Session;
  watcher: Watcher;
  /** Git as the user, who can reach the remote. */
  git(at: string, ...args: string[]): string;
  /** Makes the session with a first prompt and waits for its end. */
  begin(text: string, more?: object): Promise<void>;
  /** Sends a prompt and waits for the end of its turn. */
  prompt(text: string): Promise<void>;
  /** The session as it is now. */
  now(): Promise<Session>;
  /** Asks for one of the session's ways out, e.g. `push`. */
  ask(kind: string, body?: object): Promise<{ status: number; body: never }>;
  /** Does the same and waits for the end of the job. */
  run(kind: string, body?: object): Promise<Job>;
  restart(): Promise<void>;
}

/** For a file of tests: an SSH remote, and all of the above for each test. */
export function useWaysOut(onTurn: (turn: FakeTurn) => Promise<void> = writeNamedFile): WaysOut {
  let ssh: SshRemote;
  let made = 0;
  const out: WaysOut = {
    ...({} as Pick<WaysOut, "server" | "path" | "bare" | "session" | "watcher">),

    git: (at, ...args) =>
      execFileSync("git", ["-C", at, ...args], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trimEnd(),

    async begin(text, more = {}) {
      const body = { repository: out.path, model: "demo/scripted", prompt: { text }, ...more };
      out.session = ((await out.server.call("POST", "/api/sessions", body)).body as { session: Session }).session;
      out.watcher = await out.server.watch(out.session.id, 0);
      await out.watcher.waitForEvent("prompt.completed");
    },

    async prompt(text) {
      const id = newId("prompt");
      await out.ask("prompts", { id, text });
      await out.watcher.waitFor(
        (frame) => frame.type === "event" && frame.event.type === "prompt.completed" && frame.event.promptId === id,
      );
    },

    async now() {
      const { body } = await out.server.call("GET", `/api/sessions/${out.session.id}`);
      return (body as { session: Session }).session;
    },

    ask: (kind, body = {}) => out.server.call("POST", `/api/sessions/${out.session.id}/${kind}`, body),

    async run(kind, body) {
      const answer = await out.ask(kind, body);
      if (answer.status !== 202) throw new Error(`${kind} was answered with ${JSON.stringify(answer)}`);
      const { id } = (answer.body as { job: Job }).job;
      const hasEnded = (job: Job) => job.id === id && job.status !== "running";
      const frame = await out.watcher.waitFor((one) => one.type === "job" && hasEnded(one.job));
      if (frame.type !== "job") throw new Error("not a job");
      return frame.job;
    },

    async restart() {
      out.server = await out.server.restart();
      out.watcher = await out.server.watch(out.session.id, 0);
    },
  };

  beforeAll(async () => {
    ssh = await startSshRemote();
    vi.stubEnv("GIT_SSH_COMMAND", ssh.env["GIT_SSH_COMMAND"]);
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await ssh.stop();
  });
  beforeEach(async () => {
    out.server = await startTestServer({ onTurn });
    out.path = makeRepository(out.server.reposDir, "example");
    out.bare = ssh.makeBare(`ada/example-${(made += 1)}`);
    out.git(out.path, "remote", "add", "origin", out.bare.url);
    out.git(out.path, "push", "--quiet", out.bare.path, "main");
  });
  afterEach(() => out.server.close());
  return out;
}

/** An agent that writes the file named by the prompt. */
async function writeNamedFile(turn: FakeTurn): Promise<void> {
  const { supervisor, deliver } = turn;
  const ids = { promptId: deliver.promptId, turnId: deliver.turnId };
  await supervisor.report({ kind: "turn.started", ...ids, messageId: "msg_1" });
  const checkpointId = await turn.checkpoint(deliver.text, "content\n");
  await supervisor.report({
    ...{ kind: "turn.ended", ...ids, outcome: "completed", durationMs: 5 },
    checkpointId: checkpointId as never,
  });
}
