import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newId, type BootId } from "@background-agents/shared/ids";
import {
  BUNDLE_REF,
  HubFrame,
  type ReportBody,
  type SandboxSpec,
  type SupervisorFrame,
} from "@background-agents/shared/protocol/supervisor-frames";
import { SUPERVISOR_PROTOCOL_VERSION } from "@background-agents/shared/protocol/version";
import { WebSocket } from "ws";
import { frameText } from "../lib/frame-text.ts";

type Restore = Extract<HubFrame, { type: "work.restore" }>;
type Deliver = Extract<HubFrame, { type: "prompt.deliver" }>;

export interface FakeSupervisor {
  /** Sends the next report of this boot; resolves when the server acked it. */
  report(body: ReportBody): Promise<void>;
  send(frame: SupervisorFrame): void;
  /** The next frame of that type, or one that came before anyone waited for it. */
  waitFor(type: HubFrame["type"]): Promise<HubFrame>;
  put(path: string, body: Buffer): Promise<void>;
  /** What a GET on the hub answers. */
  get(path: string): Promise<{ status: number; body: Buffer }>;
  /** Cuts the link without a word. */
  cut(): void;
  /** Cuts the link without a word and dials again; unacked reports are sent again. */
  reconnect(): Promise<void>;
  close(): void;
  spec: SandboxSpec;
  /** Orders to go to another state, as often as they came. */
  restores: readonly Restore[];
}

export interface FakeTurn {
  supervisor: FakeSupervisor;
  deliver: Deliver;
  /** Writes the file in a clone of the mirror, commits, uploads the bundle; answers the checkpoint's id. */
  checkpoint(path: string, content: string): Promise<string>;
  /** Uploads what the tree has committed; answers the checkpoint's id. */
  upload(): Promise<string>;
  /** Runs git in the tree. */
  git(...args: string[]): string;
  /** Writes the file and shows the working tree as it is now, without a commit on the branch. */
  live(path: string, content: string): Promise<void>;
  stopped: Promise<void>;
}

async function runSetup({ report }: FakeSupervisor): Promise<void> {
  await report({ kind: "setup.started", source: "settings" });
  await report({ kind: "setup.ended", outcome: "ok", exitCode: 0, durationMs: 1, logTail: "" });
}

/**
 * Speaks the supervisor's side of the hub without a container or an agent: real socket, real git, and whatever `onTurn`
 * makes of a delivered prompt.
 */
export async function startFakeSupervisor(deps: {
  boot: BootId;
  socketPath: string;
  token: string;
  mirrorPath: string;
  protocolVersion?: number | undefined;
  onTurn: (turn: FakeTurn) => Promise<void>;
  /** What a container of the setup script's own does before it exits; without it, it ran well. */
  onSetup?: ((supervisor: FakeSupervisor) => Promise<void>) | undefined;
  /** The process ends by itself. */
  onExit: () => void;
}): Promise<FakeSupervisor> {
  const workspace = mkdtempSync(join(tmpdir(), "fake-workspace-"));
  const spool = new Map<number, string>();
  const acked = new Map<number, () => void>();
  const delivered = new Set<string>();
  const stops = new Map<string, () => void>();
  const orders: HubFrame[] = [];
  const waiting: { type: HubFrame["type"]; resolve: (frame: HubFrame) => void }[] = [];
  const restores: Restore[] = [];
  let restoring: Promise<void> = Promise.resolve();
  let generation = 0;
  let closed = false;
  let reports = 0;
  let socket: WebSocket;
  let spec: SandboxSpec | undefined;
  const authorization = `Bearer ${deps.token}`;
  const protocolVersion = deps.protocolVersion ?? SUPERVISOR_PROTOCOL_VERSION;

  const dial = (): Promise<void> =>
    new Promise((resolve, reject) => {
      socket = new WebSocket("ws://hub/control", {
        createConnection: () => connect(deps.socketPath),
        headers: { authorization },
      });
      const current = socket;
      socket.on("error", reject);
      socket.on("open", () => {
        send({ type: "hello", protocolVersion, boot: deps.boot });
      });
      socket.on("message", (data) => {
        if (current !== socket) return;
        const frame = HubFrame.parse(JSON.parse(frameText(data)));
        receive(frame);
        if (frame.type === "welcome") {
          for (const encoded of spool.values()) socket.send(encoded);
          resolve();
        }
        if (frame.type === "refused") reject(new Error(frame.message));
      });
    });

  const send = (frame: SupervisorFrame): void => socket.send(JSON.stringify(frame));

  const report = (body: ReportBody): Promise<void> => {
    reports += 1;
    const number = reports;
    const frame: SupervisorFrame = { type: "report", report: number, at: new Date().toISOString(), body };
    spool.set(number, JSON.stringify(frame));
    const done = new Promise<void>((resolve) => acked.set(number, resolve));
    if (socket.readyState === WebSocket.OPEN) send(frame);
    return done;
  };

  const receive = (frame: HubFrame): void => {
    switch (frame.type) {
      case "welcome":
        spec = frame.spec;
        return;
      case "ack":
        for (const number of spool.keys()) {
          if (number > frame.report) continue;
          spool.delete(number);
          acked.get(number)?.();
        }
        return;
      case "prompt.deliver":
        if (delivered.has(frame.promptId)) return;
        delivered.add(frame.promptId);
        void restoring.then(() => deps.onTurn(turnOf(frame)));
        return;
      case "work.restore":
        restores.push(frame);
        restoring = restoring
          .then(() => follow(frame))
          .catch((error: unknown) => {
            // What was under way when the test ended is of no account.
            if (!closed) throw error;
          });
        return;
      case "turn.stop":
        stops.get(frame.turnId)?.();
        return;
      default: {
        const waiter = waiting.findIndex(({ type }) => type === frame.type);
        if (waiter >= 0) waiting.splice(waiter, 1)[0]?.resolve(frame);
        else orders.push(frame);
      }
    }
  };

  /** Brings the tree to where the user brought the work; the conversation is not there to be brought. */
  const follow = async ({ commit, checkpointId, generation: wanted }: Restore): Promise<void> => {
    if (generation >= wanted) return;
    try {
      git("cat-file", "-e", `${commit}^{commit}`);
    } catch {
      const bundle = join(workspace, "restored");
      writeFileSync(bundle, (await supervisor.get(`/restore/bundle?checkpoint=${checkpointId}`)).body);
      git("fetch", "--quiet", bundle, `refs/checkpoints/${checkpointId}`);
    }
    git("reset", "--quiet", "--hard", commit);
    generation = wanted;
    await report({ kind: "work.restored", generation });
  };

  const git = (...args: string[]): string =>
    execFileSync("git", ["-C", join(workspace, "tree"), ...args], { encoding: "utf8", stdio: "pipe" }).trim();

  const uploadHead = async (deliver: Deliver): Promise<string> => {
    const { baseCommit } = supervisor.spec;
    const commit = git("rev-parse", "HEAD");
    git("update-ref", BUNDLE_REF, commit);
    const bundle = join(workspace, "bundle");
    git("bundle", "create", "--quiet", bundle, `${baseCommit}..${BUNDLE_REF}`);
    const checkpointId = newId("checkpoint");
    const query = new URLSearchParams({ turn: deliver.turnId, prompt: deliver.promptId, commit });
    await put(`/bundle/${checkpointId}?${query.toString()}`, readFileSync(bundle));
    return checkpointId;
  };

  const turnOf = (deliver: Deliver): FakeTurn => ({
    supervisor,
    deliver,
    stopped: new Promise((resolve) => stops.set(deliver.turnId, resolve)),
    git,
    async checkpoint(path, content) {
      const { identity } = supervisor.spec;
      writeFileSync(join(workspace, "tree", path), content);
      git("add", "-A");
      const who = ["-c", `user.name=${identity.name}`, "-c", `user.email=${identity.email}`];
      git(...who, "commit", "--quiet", "-m", `Write ${path}`);
      return uploadHead(deliver);
    },
    upload: () => uploadHead(deliver),
    async live(path, content) {
      const { baseCommit, identity } = supervisor.spec;
      writeFileSync(join(workspace, "tree", path), content);
      git("add", "-A");
      const who = ["-c", `user.name=${identity.name}`, "-c", `user.email=${identity.email}`];
      const commit = git(...who, "commit-tree", git("write-tree"), "-p", "HEAD", "-m", "Live");
      git("update-ref", BUNDLE_REF, commit);
      const bundle = join(workspace, "live-bundle");
      git("bundle", "create", "--quiet", bundle, BUNDLE_REF, `^${baseCommit}`);
      await put(`/live/${deliver.turnId}?commit=${commit}`, readFileSync(bundle));
    },
  });

  const put = (path: string, body: Buffer): Promise<void> =>
    new Promise((resolve, reject) => {
      const outgoing = request(
        { socketPath: deps.socketPath, path, method: "PUT", headers: { authorization } },
        (answer) => {
          let text = "";
          answer.on("data", (chunk: Buffer) => (text += chunk.toString()));
          answer.on("end", () =>
            (answer.statusCode ?? 500) < 300 ? resolve() : reject(new Error(`${answer.statusCode}: ${text}`)),
          );
        },
      );
      outgoing.on("error", reject);
      outgoing.end(body);
    });

  const supervisor: FakeSupervisor = {
    report,
    send,
    restores,
    waitFor(type) {
      const early = orders.findIndex((frame) => frame.type === type);
      if (early >= 0) return Promise.resolve(orders.splice(early, 1)[0] as HubFrame);
      return new Promise((resolve) => waiting.push({ type, resolve }));
    },
    put,
    get: (path) =>
      new Promise((resolve, reject) => {
        const outgoing = request({ socketPath: deps.socketPath, path, headers: { authorization } }, (answer) => {
          const chunks: Buffer[] = [];
          answer.on("data", (chunk: Buffer) => chunks.push(chunk));
          answer.on("end", () => resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks) }));
        });
        outgoing.on("error", reject);
        outgoing.end();
      }),
    cut: () => socket.terminate(),
    async reconnect() {
      socket.terminate();
      await dial();
    },
    close() {
      closed = true;
      socket.terminate();
      rmSync(workspace, { recursive: true, force: true });
    },
    get spec() {
      if (!spec) throw new Error("no welcome yet");
      return spec;
    },
  };

  await dial();
  if (supervisor.spec.task === "setup") {
    await report({ kind: "boot.phase", phase: "setup" });
    void (deps.onSetup ?? runSetup)(supervisor).then(deps.onExit);
    return supervisor;
  }
  execFileSync("git", ["clone", "--quiet", "--shared", "--no-checkout", deps.mirrorPath, join(workspace, "tree")]);
  git("checkout", "--quiet", "-b", supervisor.spec.branch, supervisor.spec.baseCommit);
  await report({ kind: "boot.phase", phase: "clone" });
  await report({ kind: "boot.phase", phase: "agent" });
  await report({ kind: "boot.ready", opencodeVersion: "fake", bootMs: 1 });
  return supervisor;
}
