import { createServer, request, type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse } from "node:http";
import { type HubAddress, hubRequestOptions } from "./hub-address.ts";
import { listenLocally } from "./local-listener-link.ts";

export interface ModelRelayDeps {
  address: HubAddress;
  token: string;
  port: number;
  /** Resolves when the server is there: requests are held until then, not refused. */
  connected: () => Promise<void>;
}

const HOP_BY_HOP = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
  "upgrade",
  "host",
  "te",
  "trailer",
]);
const NEVER_REACHED = new Set(["ECONNREFUSED", "ENOENT", "EAGAIN"]);

function passedHeaders(headers: IncomingMessage["headers"]): OutgoingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP_BY_HOP.has(name)));
}

/** A cleanly ended half answer would be taken for the whole: the model's client must see that it broke. */
function breakOff(response: ServerResponse): void {
  if (response.socket) response.socket.resetAndDestroy();
  else response.destroy();
}

/** Relays `http://127.0.0.1:<port>/llm/…` to the hub, streaming. Holds new requests while the hub is away. */
export async function startModelRelay({
  address,
  token,
  port,
  connected,
}: ModelRelayDeps): Promise<{ close: () => void }> {
  function send(incoming: IncomingMessage, body: Buffer, response: ServerResponse): Promise<"sent" | "not-reached"> {
    return new Promise((resolve) => {
      const upstream = request({
        ...hubRequestOptions(address),
        path: incoming.url,
        method: incoming.method,
        headers: {
          ...passedHeaders(incoming.headers),
          authorization: `Bearer ${token}`,
          "content-length": body.length,
        },
      });
      response.once("close", () => upstream.destroy());
      upstream.once("error", (error: NodeJS.ErrnoException) => {
        if (!upstream.reusedSocket && NEVER_REACHED.has(error.code ?? "")) return resolve("not-reached");
        breakOff(response);
        return resolve("sent");
      });
      upstream.once("response", (answer) => {
        response.writeHead(answer.statusCode ?? 502, passedHeaders(answer.headers));
        response.flushHeaders();
        answer.on("error", () => undefined);
        answer.once("close", () => {
          if (!answer.complete) breakOff(response);
          resolve("sent");
        });
        answer.pipe(response);
      });
      upstream.end(body);
    });
  }

  async function relay(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!incoming.url?.startsWith("/llm/")) {
      response.writeHead(404).end();
      return;
    }
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(Buffer.from(chunk as Uint8Array));
    const body = Buffer.concat(chunks);
    for (;;) {
      await connected();
      if (response.destroyed || (await send(incoming, body, response)) === "sent") return;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  const server = createServer((incoming, response) => {
    relay(incoming, response).catch(() => breakOff(response));
  });
  // A model may think for many minutes before its first byte.
  server.requestTimeout = 0;
  server.headersTimeout = 60_000;
  return listenLocally(server, port);
}
