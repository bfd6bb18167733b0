import { createReadStream, createWriteStream } from "node:fs";
import { request, type IncomingMessage } from "node:http";
import { stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { Readable } from "node:stream";
import { z } from "zod";
import { createBackoff } from "../lib/backoff.ts";
import { type HubAddress, hubRequestOptions } from "./hub-address.ts";

export type HubBody = { file: string } | { text: string } | { empty: true };

export interface HubClientDeps {
  address: HubAddress;
  token: string;
  /** Resolves when the server is there. */
  connected: () => Promise<void>;
  /** How often a server that answers with an error of its own (5xx) is asked again. */
  attempts?: number;
}

const Refusal = z.object({
  error: z.union([z.string(), z.object({ message: z.string() }).transform(({ message }) => message)]),
});

/** The server refused a transfer for good. */
function refusal(status: number, body: string): Error {
  let message = body.slice(0, 500);
  try {
    message = Refusal.parse(JSON.parse(body)).error;
  } catch {
    // Not our error shape: the text itself has to do.
  }
  return new Error(`The server refused it (${status}): ${message}`);
}

async function readBody(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks).toString("utf8");
}

async function openBody(body: HubBody): Promise<{ length: number; stream: Readable }> {
  if ("file" in body) return { length: (await stat(body.file)).size, stream: createReadStream(body.file) };
  const bytes = Buffer.from("text" in body ? body.text : "");
  return { length: bytes.length, stream: Readable.from(bytes.length > 0 ? [bytes] : []) };
}

/** Transfers to and from the hub. Waits for the server where it is away and tries again; rejects when the server refuses. */
export function createHubClient({ address, token, connected, attempts = 4 }: HubClientDeps) {
  async function putOnce(path: string, body: HubBody, signal?: AbortSignal): Promise<{ status: number; text: string }> {
    const { length, stream } = await openBody(body);
    const outgoing = request({
      ...hubRequestOptions(address),
      path,
      method: "PUT",
      ...(signal && { signal }),
      headers: {
        authorization: `Bearer ${token}`,
        "content-length": length,
        "content-type": path.startsWith("/conversation") ? "application/json" : "application/octet-stream",
      },
    });
    const answered = new Promise<IncomingMessage>((resolve, reject) => {
      outgoing.on("response", resolve).on("error", reject);
    });
    // The server may refuse before it has read everything: then its answer counts, not the broken pipe.
    const sent = pipeline(stream, outgoing).catch(() => undefined);
    const response = await answered;
    const text = await readBody(response);
    outgoing.destroy();
    await sent;
    return { status: response.statusCode ?? 0, text };
  }

  /** Answers 200 when the whole body is in the file; without one the body is the text. */
  async function getOnce(path: string, file?: string): Promise<{ status: number; text: string }> {
    const outgoing = request({
      ...hubRequestOptions(address),
      path,
      headers: { authorization: `Bearer ${token}` },
    });
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      outgoing.on("response", resolve).on("error", reject).end();
    });
    const status = response.statusCode ?? 0;
    if (status !== 200 || file === undefined) return { status, text: await readBody(response) };
    await pipeline(response, createWriteStream(file));
    return { status, text: "" };
  }

  let onGiveUp: (error: Error) => void = () => undefined;
  const giveUp = new Promise<never>((_resolve, reject) => (onGiveUp = reject));
  giveUp.catch(() => undefined);

  /** Tries until the server answers with something that is not its own failure (5xx). */
  async function untilAnswered(
    once: () => Promise<{ status: number; text: string }>,
  ): Promise<{ status: number; text: string }> {
    const backoff = createBackoff({ firstMs: 200, maxMs: 5_000 });
    let refusals = 0;
    for (;;) {
      await Promise.race([connected(), giveUp]);
      const answer = await Promise.race([once().catch(() => undefined), giveUp]);
      if (answer && (answer.status < 500 || ++refusals >= attempts)) return answer;
      await new Promise((resolve) => setTimeout(resolve, backoff.nextMs()));
    }
  }

  return {
    /** Makes all transfers fail, now and later: the sandbox is going down. */
    giveUp(): void {
      onGiveUp(new Error("The server was not there to take it before the sandbox ended."));
    },
    /** PUTs a body and answers the text of the server's answer. */
    async put(path: string, body: HubBody): Promise<string> {
      const { status, text } = await untilAnswered(() => putOnce(path, body));
      if (status >= 300) throw refusal(status, text);
      return text;
    },
    /** PUTs once, without waiting for a server that is away; answers whether it was taken. */
    async offer(path: string, body: HubBody, signal: AbortSignal): Promise<boolean> {
      const answer = await putOnce(path, body, signal).catch(() => undefined);
      return answer !== undefined && answer.status < 300;
    },
    /** GETs a text, which is kept nowhere; undefined where the server has no such thing. */
    async getText(path: string): Promise<string | undefined> {
      const { status, text } = await untilAnswered(() => getOnce(path));
      if (status === 404) return undefined;
      if (status !== 200) throw refusal(status, text);
      return text;
    },
    /** GETs into a file; answers false where the server has no such thing. */
    async get(path: string, file: string): Promise<boolean> {
      const { status, text } = await untilAnswered(() => getOnce(path, file));
      if (status === 404) return false;
      if (status !== 200) throw refusal(status, text);
      return true;
    },
  };
}

export type HubClient = ReturnType<typeof createHubClient>;
