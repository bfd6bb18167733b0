import { createReadStream, createWriteStream } from "node:fs";
import { stat } from "node:fs/promises";
import { type IncomingMessage, request } from "node:http";
import { pipeline } from "node:stream/promises";
import {
  type FetchRequest,
  GhAnswer,
  type GhRequest,
  PushAnswer,
  RemoteRefs,
} from "@background-agents/shared/protocol/agent-git";
import { z } from "zod";
import { createBackoff } from "../lib/backoff.ts";
import { hubRequestOptions } from "../supervisor/hub-address.ts";
import type { HubAccess } from "./hub-access.ts";

interface Call {
  method: "GET" | "PUT" | "POST" | "DELETE";
  path: string;
  body?: { file: string } | { json: unknown };
}

type Attempt<T> =
  | { outcome: "done"; value: T }
  | { outcome: "refused" | "failed"; words: string }
  | { outcome: "away" };

export interface AgentGitClientDeps extends HubAccess {
  /** Tells the user of the command what is going on, a line at a time. */
  say: (line: string) => void;
  /** How long a server that is away is waited for; a request that may wait for the user waits on. */
  patienceMs?: number;
}

export type AgentGitClient = ReturnType<typeof createAgentGitClient>;

const PATIENCE_MS = 60_000;
const SERVER_FAILURES = 3;
const Refusal = z.object({ error: z.string() });

/** Asks the server over the hub what git and gh need. Rejects with the server's own words where it refuses. */
export function createAgentGitClient(deps: AgentGitClientDeps) {
  const { address, token, say, patienceMs = PATIENCE_MS } = deps;

  async function callOnce({ method, path, body }: Call): Promise<IncomingMessage> {
    const file = body && "file" in body ? body.file : undefined;
    const text = body && "json" in body ? JSON.stringify(body.json) : "";
    const length = file === undefined ? Buffer.byteLength(text) : (await stat(file)).size;
    const outgoing = request({
      ...hubRequestOptions(address),
      ...{ method, path },
      headers: { authorization: `Bearer ${token}`, "content-length": length },
    });
    const answered = new Promise<IncomingMessage>((resolve, reject) => {
      outgoing.on("response", resolve).on("error", reject);
    });
    if (file === undefined) outgoing.end(text);
    // The server may refuse before it has read everything: then its answer counts, not the broken pipe.
    else void pipeline(createReadStream(file), outgoing).catch(() => undefined);
    return answered;
  }

  /** One try: what came of it, the server's refusal, or that it is worth another try. */
  async function tryOnce<T>(order: Call, read: (response: IncomingMessage) => Promise<T>): Promise<Attempt<T>> {
    try {
      const response = await callOnce(order);
      const status = response.statusCode ?? 0;
      if (status < 300) return { outcome: "done", value: await read(response) };
      const words = wordsOf(await readText(response), status);
      return status < 500 ? { outcome: "refused", words } : { outcome: "failed", words };
    } catch {
      return { outcome: "away" };
    }
  }

  /** Asks again while the server is away: it starts anew, and knows the request by its id. */
  async function call<T>(order: Call, read: (response: IncomingMessage) => Promise<T>, patient = false): Promise<T> {
    const backoff = createBackoff({ firstMs: 200, maxMs: 5_000 });
    const since = Date.now();
    for (let failures = 0, told = false; ;) {
      const attempt = await tryOnce(order, read);
      if (attempt.outcome === "done") return attempt.value;
      if (attempt.outcome === "refused") throw new Error(attempt.words);
      if (attempt.outcome === "failed" && (failures += 1) >= SERVER_FAILURES) throw new Error(attempt.words);
      if (!patient && Date.now() - since > patienceMs) {
        throw new Error("The server of Background Agents does not answer; try again when it runs.");
      }
      if (attempt.outcome === "away" && !told) say("The connection to the server is cut; trying until it is back.");
      told ||= attempt.outcome === "away";
      await new Promise((resolve) => setTimeout(resolve, backoff.nextMs()));
    }
  }

  return {
    listRefs: async (): Promise<RemoteRefs> =>
      RemoteRefs.parse(JSON.parse(await call({ method: "GET", path: "/git/refs" }, readText))),

    /** Writes the bundle into the file; false where there is nothing to send. */
    fetch: (wanted: FetchRequest, file: string): Promise<boolean> =>
      call({ method: "POST", path: "/git/fetch", body: { json: wanted } }, async (response) => {
        if (response.statusCode === 204) {
          response.resume();
          return false;
        }
        await pipeline(response, createWriteStream(file));
        return true;
      }),

    /** May wait for the user, for as long as that takes. `file` holds the bundle. */
    async push(order: {
      requestId: string;
      commit: string;
      branch: string;
      file: string | undefined;
    }): Promise<PushAnswer> {
      const { requestId, commit, branch, file } = order;
      const path = `/git/push/${requestId}?${new URLSearchParams({ commit, branch }).toString()}`;
      const body = file === undefined ? {} : { body: { file } };
      return PushAnswer.parse(JSON.parse(await call({ method: "PUT", path, ...body }, readText, true)));
    },

    /** Takes a request back that waits for the user. */
    async withdraw(requestId: string): Promise<void> {
      const response = await callOnce({ method: "DELETE", path: `/git/push/${requestId}` });
      response.resume();
    },

    gh: async (json: GhRequest): Promise<GhAnswer> =>
      GhAnswer.parse(JSON.parse(await call({ method: "POST", path: "/gh", body: { json } }, readText, true))),
  };
}

async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

function wordsOf(body: string, status: number): string {
  try {
    return Refusal.parse(JSON.parse(body)).error;
  } catch {
    return `The server answered ${status}: ${body.slice(0, 500)}`;
  }
}
