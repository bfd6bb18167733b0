import { once } from "node:events";
import type { ClientRequest, IncomingMessage, ServerResponse } from "node:http";
import { describe, expect, it } from "vitest";
import { call, open, textOf } from "./testing/local-gateway.ts";
import { openGateway } from "./testing/open-gateway.ts";

const MIB = 1024 * 1024;
const HEAD = '{"model":"claude-sonnet-5","max_tokens":10,"text":"';
const TAIL = '"}';
const FILLING = Buffer.alloc(MIB, "x");

const answerWhole = (response: ServerResponse) =>
  void response.writeHead(200, { "content-type": "application/json" }).end("{}");

/** A call whose body is there but for its end; resolves when it was written. */
async function beginUpload(port: number, mebibytes: number) {
  const request = open(port);
  const answered = once(request, "response") as Promise<[IncomingMessage]>;
  request.write(HEAD);
  for (let sent = 0; sent < mebibytes; sent += 1) await write(request, FILLING);
  return {
    async end(): Promise<number | undefined> {
      request.end(TAIL);
      const [answer] = await answered;
      await textOf(answer);
      return answer.statusCode;
    },
    answered: () => answered.then(([answer]) => answer),
  };
}

function write(request: ClientRequest, piece: Buffer): Promise<void> {
  return new Promise((resolve, reject) => request.write(piece, (error) => (error ? reject(error) : resolve())));
}

describe("the bodies of a container's calls", () => {
  it("take no more of the server's memory than the session's share, however many are open", async () => {
    const gateway = await openGateway({ script: answerWhole });
    const uploads = [];
    for (let opened = 0; opened < 24; opened += 1) uploads.push(await beginUpload(gateway.port, 30));
    const statuses = await Promise.all(uploads.map((upload) => upload.end()));
    const taken = statuses.filter((status) => status === 200);
    expect(statuses.filter((status) => status === 429)).toHaveLength(24 - taken.length);
    // The share has room for two: for one, where a third's bytes were read before the second's last ones.
    expect([1, 2]).toContain(taken.length);
    expect(gateway.received).toHaveLength(taken.length);
    // What they held was given back.
    const again = await beginUpload(gateway.port, 30);
    expect(await again.end()).toBe(200);
  });

  it("are counted from their beginning: one call too many has no place", async () => {
    const gateway = await openGateway({ script: answerWhole, callLimits: { callsAtOnce: 2 } });
    const [first, second] = [await beginUpload(gateway.port, 1), await beginUpload(gateway.port, 1)];
    const third = await call(gateway.port);
    expect([third.statusCode, third.headers["retry-after"]]).toEqual([429, "1"]);
    expect([await first.end(), await second.end()]).toEqual([200, 200]);
    expect((await call(gateway.port)).statusCode).toBe(200);
  });

  it.each([
    ["stands still", { idleMs: 50, wholeMs: 60_000 }],
    ["takes too long", { idleMs: 60_000, wholeMs: 50 }],
  ])("are given up where one %s, and its place with it", async (...row) => {
    const [, bodyPatience] = row;
    const gateway = await openGateway({ script: answerWhole, bodyPatience, callLimits: { callsAtOnce: 1 } });
    const upload = await beginUpload(gateway.port, 1);
    expect((await upload.answered()).statusCode).toBe(408);
    expect((await call(gateway.port)).statusCode).toBe(200);
  });
});
