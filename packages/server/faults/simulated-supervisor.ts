import { readFileSync } from "node:fs";
import { request } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { BootId } from "@background-agents/shared/ids";
import {
  HubFrame,
  type ReportBody,
  type SandboxSpec,
  type SupervisorFrame,
} from "@background-agents/shared/protocol/supervisor-frames";
import { SUPERVISOR_PROTOCOL_VERSION } from "@background-agents/shared/protocol/version";
import { WebSocket } from "ws";
import { frameText } from "../src/lib/frame-text.ts";

const REDIAL_MS = 30;

/** What a fault does to the link; everything may change while the link is open. */
export interface LinkFaults {
  /** The supervisor hears nothing and says nothing, and its socket stays open. */
  silent: boolean;
  /** What goes over the wire instead of a frame. */
  tamper: ((encoded: string) => string[]) | undefined;
  /** Cuts an upload after so many bytes, this many times. */
  halfUploads: number;
}

export interface SimulatedSupervisor {
  /** Spools the report and sends it; it stays in the spool until the server acked it. */
  report(body: ReportBody): void;
  /** Sends a transient frame; lost where nobody listens. */
  tell(frame: SupervisorFrame): void;
  /** Uploads until the server answered for good. Answers undefined, or why it was refused. */
  upload(path: string, body: Buffer): Promise<string | undefined>;
  /** What a GET on the hub brings, asked until the server answered; undefined where it has nothing. */
  download(path: string): Promise<Buffer | undefined>;
  /** Writes these very bytes on the link. */
  write(bytes: string | Buffer): void;
  cut(): void;
  close(): void;
  /** Where plain requests go, and with what. */
  readonly hub: { socketPath: string; authorization: string };
  readonly unacked: number;
  /** What the server did not ack. */
  listUnacked(): ReportBody[];
  readonly closed: boolean;
  readonly faults: LinkFaults;
  /** How often the link was opened and welcomed. */
  readonly welcomes: number;
  /** How often a link ended, whoever ended it. It is dialled anew at once, so a look at whether it is there proves nothing. */
  readonly ends: number;
}

/**
 * The supervisor's end of the hub as the contract has it: a spool that keeps each report until its ack, a link that is
 * dialled for ever. What the agent does is its owner's.
 */
export function startSimulatedSupervisor(deps: {
  boot: BootId;
  hubDirectory: string;
  onOrder: (frame: HubFrame) => void;
  /** After each welcome, when the spool was sent again. */
  onWelcome: (spec: SandboxSpec) => void;
}): SimulatedSupervisor {
  const socketPath = join(deps.hubDirectory, "hub.sock");
  const authorization = `Bearer ${readFileSync(join(deps.hubDirectory, "token"), "utf8")}`;
  const spool = new Map<number, { encoded: string; body: ReportBody }>();
  const faults: LinkFaults = { silent: false, tamper: undefined, halfUploads: 0 };
  let reports = 0;
  let welcomes = 0;
  let ends = 0;
  let greeted = false;
  let closed = false;
  let socket: WebSocket | undefined;

  const transmit = (encoded: string): void => {
    if (faults.silent || socket?.readyState !== WebSocket.OPEN) return;
    for (const one of faults.tamper?.(encoded) ?? [encoded]) socket.send(one);
  };

  const receive = (frame: HubFrame): void => {
    switch (frame.type) {
      case "welcome":
        greeted = true;
        welcomes += 1;
        for (const { encoded } of spool.values()) transmit(encoded);
        return deps.onWelcome(frame.spec);
      case "ack":
        for (const number of spool.keys()) {
          if (number > frame.report) return;
          spool.delete(number);
        }
        return;
      case "ping":
        return transmit(JSON.stringify({ type: "pong" }));
      default:
        return deps.onOrder(frame);
    }
  };

  const dial = (): void => {
    if (closed) return;
    const current = new WebSocket("ws://hub/control", {
      createConnection: () => connect(socketPath),
      headers: { authorization },
    });
    socket = current;
    current.on("error", () => undefined);
    current.on("open", () => {
      const hello: SupervisorFrame = { type: "hello", protocolVersion: SUPERVISOR_PROTOCOL_VERSION, boot: deps.boot };
      if (!faults.silent) current.send(JSON.stringify(hello));
    });
    current.on("message", (data) => {
      if (!faults.silent && current === socket) receive(HubFrame.parse(JSON.parse(frameText(data))));
    });
    current.on("close", () => {
      ends += 1;
      greeted = false;
      setTimeout(dial, REDIAL_MS);
    });
  };

  const put = (path: string, body: Buffer, cutAfter: number | undefined): Promise<{ status: number; text: string }> =>
    new Promise((resolve, reject) => {
      const headers = { authorization, "content-length": body.length };
      const outgoing = request({ socketPath, path, method: "PUT", headers }, (answer) => {
        let text = "";
        answer.on("data", (chunk: Buffer) => (text += chunk.toString()));
        answer.on("error", reject);
        answer.on("end", () => resolve({ status: answer.statusCode ?? 0, text }));
      });
      outgoing.on("error", reject);
      if (cutAfter === undefined) outgoing.end(body);
      else outgoing.write(body.subarray(0, cutAfter), () => outgoing.destroy(new Error("cut")));
    });

  const get = (path: string): Promise<{ status: number; body: Buffer }> =>
    new Promise((resolve, reject) => {
      const outgoing = request({ socketPath, path, headers: { authorization } }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.on("error", reject);
        answer.on("end", () => resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks) }));
      });
      outgoing.on("error", reject);
      outgoing.end();
    });

  dial();
  return {
    report(body) {
      reports += 1;
      const encoded = JSON.stringify({ type: "report", report: reports, at: new Date().toISOString(), body });
      spool.set(reports, { encoded, body });
      if (greeted) transmit(encoded);
    },
    tell(frame) {
      if (greeted) transmit(JSON.stringify(frame));
    },
    async upload(path, body) {
      while (!closed) {
        const half = faults.halfUploads > 0;
        if (half) faults.halfUploads -= 1;
        const answer = await put(path, body, half ? body.length >> 1 : undefined).catch(() => undefined);
        if (answer?.status === 200 || answer?.status === 204) return undefined;
        if (answer?.status === 422) return answer.text;
        await pause(REDIAL_MS);
      }
      return "the container ended";
    },
    async download(path) {
      while (!closed) {
        const answer = await get(path).catch(() => undefined);
        if (answer?.status === 200) return answer.body;
        if (answer?.status === 404) return undefined;
        await pause(REDIAL_MS);
      }
      return undefined;
    },
    write: (bytes) => socket?.readyState === WebSocket.OPEN && socket.send(bytes),
    cut: () => socket?.terminate(),
    close() {
      closed = true;
      socket?.terminate();
    },
    listUnacked: () => [...spool.values()].map(({ body }) => body),
    get unacked() {
      return spool.size;
    },
    get closed() {
      return closed;
    },
    get welcomes() {
      return welcomes;
    },
    get ends() {
      return ends;
    },
    hub: { socketPath, authorization },
    faults,
  };
}
