import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import type { ClientRequest, IncomingMessage, ServerResponse } from "node:http";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { newId } from "@background-agents/shared/ids";
import { pino } from "pino";
import { createBlobStore } from "../../src/blobs/blob-store.ts";
import { openDatabase } from "../../src/db/database.ts";
import { createEventLog } from "../../src/events/event-log.ts";
import { createKeptShare } from "../../src/housekeeping/kept-share.ts";
import { DEFAULT_CALL_LIMITS, type CallLimits } from "../../src/models/gateway/call-places.ts";
import { open, startLocalGateway, textOf } from "../../src/models/testing/local-gateway.ts";
import type { AttackCase, Attempt } from "../attack.ts";

/** What a sandbox has the server hold for it, in memory and on the disk. */

const MIB = 2 ** 20;
const UPLOADS = 12;
const UPLOAD_MIB = 8;
const WITHOUT: CallLimits = { callsAtOnce: Infinity, sessionBytes: Infinity, allBytes: Infinity };

const answerWhole = (response: ServerResponse): void =>
  void response.writeHead(200, { "content-type": "application/json" }).end("{}");

/** Calls that are there but for their last bytes, all at once; those are made whose bodies were held till then. */
async function leaveCallsOpen(callLimits: CallLimits): Promise<Attempt> {
  const gateway = await startLocalGateway({ script: answerWhole, callLimits });
  try {
    const calls: { request: ClientRequest; answered: Promise<[IncomingMessage]> }[] = [];
    for (let opened = 0; opened < UPLOADS; opened += 1) {
      const request = open(gateway.port);
      calls.push({ request, answered: once(request, "response") as Promise<[IncomingMessage]> });
      request.write('{"model":"claude-sonnet-5","max_tokens":1,"text":"');
      const body = Buffer.alloc(UPLOAD_MIB * MIB, "x");
      await new Promise((resolve) => request.write(body, resolve));
    }
    const statuses: (number | undefined)[] = [];
    for (const { request } of calls) request.end('"}');
    for (const { answered } of calls) {
      const [answer] = await answered;
      await textOf(answer);
      statuses.push(answer.statusCode);
    }
    const held = statuses.filter((status) => status === 200).length * UPLOAD_MIB * MIB;
    return { succeeded: held > DEFAULT_CALL_LIMITS.sessionBytes, said: `${held} bytes held: ${statuses.join(" ")}` };
  } finally {
    gateway.close();
  }
}

const OPEN_CALLS: AttackCase = {
  ...{ family: "load", quick: true, name: "fill the server's memory with model calls that are left open" },
  attack: () => leaveCallsOpen(DEFAULT_CALL_LIMITS),
  control: () => leaveCallsOpen(WITHOUT),
};

/** A share small enough to be passed in a moment; null and Infinity: none. */
interface Share {
  filesBytes: number | null;
  historyBytes: number;
}

const SMALL: Share = { filesBytes: 4 * MIB, historyBytes: 4 * MIB };
const NO_SHARE: Share = { filesBytes: null, historyBytes: Infinity };
const PIECES = 16;

async function withShare(share: Share, act: (parts: ReturnType<typeof openShare>) => Promise<Attempt>) {
  const directory = mkdtempSync(join(tmpdir(), "baa-kept-"));
  const parts = openShare(directory, share);
  try {
    return await act(parts);
  } finally {
    parts.db.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

function openShare(dataDir: string, { filesBytes, historyBytes }: Share) {
  const db = openDatabase(join(dataDir, "data.db"));
  // There is no session behind these events.
  db.pragma("foreign_keys = off");
  const events = createEventLog({ db });
  const blobs = createBlobStore({ dataDir });
  const share = createKeptShare({
    ...{ dataDir, blobs, events, historyLimitBytes: historyBytes, endingBytes: MIB, log: pino({ level: "silent" }) },
    sandboxes: { stop: async () => undefined },
    // The sandbox that is to be stopped goes on here: it is held by what is refused alone.
    recorder: { record: () => undefined as never },
    limitOf: () => filesBytes,
    readFreeBytes: async () => 100 * 2 ** 30,
  });
  return { db, events, share };
}

const UPLOADED: AttackCase = {
  ...{ family: "load", quick: true, name: "fill the server's disk with outputs that nothing names" },
  attack: () => withShare(SMALL, upload),
  control: () => withShare(NO_SHARE, upload),
};

async function upload({ share }: ReturnType<typeof openShare>): Promise<Attempt> {
  const sessionId = newId("session");
  const sent = await Promise.allSettled(
    Array.from({ length: PIECES }, () => {
      const content = randomBytes(MIB);
      const hash = createHash("sha256").update(content).digest("hex");
      return share.takeBlob(sessionId, hash, Readable.from([content]));
    }),
  );
  const kept = sent.filter(({ status }) => status === "fulfilled").length;
  return { succeeded: kept === PIECES, said: `${kept} of ${PIECES} kept` };
}

const TOLD: AttackCase = {
  ...{ family: "load", quick: true, name: "fill the server's database with what a sandbox tells" },
  attack: () => withShare(SMALL, tell),
  control: () => withShare(NO_SHARE, tell),
};

async function tell({ share, events }: ReturnType<typeof openShare>): Promise<Attempt> {
  const sessionId = newId("session");
  const data = { level: "info" as const, code: "flood", message: "x".repeat(MIB) };
  let told = 0;
  try {
    while (told < PIECES) {
      share.takeReport(sessionId, () => {
        events.append(sessionId, { type: "notice.raised", actor: "agent", data }, new Date(0).toISOString());
        told += 1;
      });
    }
  } catch (error) {
    return { succeeded: false, said: `${told} of ${PIECES} recorded: ${String(error)}` };
  }
  return { succeeded: true, said: `${told} of ${PIECES} recorded` };
}

export const KEEPING_ATTACKS: AttackCase[] = [OPEN_CALLS, UPLOADED, TOLD];
