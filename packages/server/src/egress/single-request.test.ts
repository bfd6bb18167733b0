import { describe, expect, it } from "vitest";
import { readSingleRequest } from "./single-request.ts";

const read = (text: string) => {
  const request = readSingleRequest(Buffer.from(text, "latin1"));
  if (typeof request === "string") return request;
  return { ...request, head: request.head.toString("latin1"), rest: request.rest.toString("latin1") };
};

describe("readSingleRequest", () => {
  it("reads the host, and has the server hang up after its answer, whatever the client asked for", () => {
    const head = "POST /a?b HTTP/1.1\r\nhost: Registry.Example:80\r\n";
    const wishes = "connection: keep-alive, Upgrade\r\nKeep-Alive: 5\r\nUpgrade: h2c\r\n";
    expect(read(`${head}${wishes}content-length: 4\r\n\r\nbody`)).toEqual({
      host: "registry.example:80",
      head: `${head}content-length: 4\r\nConnection: close\r\n\r\n`,
      rest: "body",
    });
  });

  it("keeps the wish for a WebSocket, and has a server hang up that does not grant it", () => {
    const head = "GET /live HTTP/1.1\r\nHost: registry.example\r\nSec-WebSocket-Version: 13\r\n";
    const kept = `${head}Connection: close, Upgrade\r\nUpgrade: websocket\r\n\r\n`;
    expect(read(`${head}Connection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n\r\n`)).toMatchObject({ head: kept });
    const closed = `${head}Connection: close\r\n\r\n`;
    for (const wishes of [
      "Upgrade: websocket\r\n",
      "Connection: Upgrade\r\nUpgrade: h2c, websocket\r\n",
      "Connection: Upgrade\r\nUpgrade: websocket\r\nUpgrade: h2c\r\n",
    ]) {
      expect(read(`${head}${wishes}\r\n`)).toMatchObject({ head: closed });
    }
    const post = "POST / HTTP/1.1\r\nHost: registry.example\r\n";
    expect(read(`${post}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`)).toMatchObject({
      head: `${post}Connection: close\r\n\r\n`,
    });
  });

  it("takes one dot at the end of the host for none, and a path beyond ASCII as it is", () => {
    const hostOf = (host: string) => read(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    expect(hostOf("Registry.Example.")).toMatchObject({ host: "registry.example" });
    expect(hostOf("registry.example.:80")).toMatchObject({ host: "registry.example:80" });
    expect(hostOf("registry.example..")).toMatchObject({ host: "registry.example." });
    const path = Buffer.from("/grüße?q=ü").toString("latin1");
    const request = `GET ${path} HTTP/1.1\r\nHost: registry.example\r\n`;
    expect(read(`${request}\r\n`)).toMatchObject({ head: `${request}Connection: close\r\n\r\n` });
  });

  it("asks for more until the head is whole", () => {
    const head = "GET / HTTP/1.1\r\nHost: registry.example\r\n\r\n";
    for (let length = 0; length < head.length; length += 1) expect(read(head.slice(0, length))).toBe("more");
    expect(read(head)).toMatchObject({ host: "registry.example", rest: "" });
  });

  it.each([
    "SSH-2.0-OpenSSH_9.2\r\n",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "GET http://evil.example/ HTTP/1.1\r\nHost: registry.example\r\n\r\n",
    "CONNECT evil.example:80 HTTP/1.1\r\nHost: registry.example\r\n\r\n",
    "GET / HTTP/1.1\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: registry.example\r\nHost: evil.example\r\n\r\n",
    "GET / HTTP/1.1\r\nHost : evil.example\r\nHost: registry.example\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: registry.example\r\n Host: evil.example\r\n\r\n",
    "GET / HTTP/1.1\r\nX: y\nHost: evil.example\r\nHost: registry.example\r\n\r\n",
    "GET / HTTP/1.1\nHost: evil.example\n\nGET / HTTP/1.1\r\nHost: registry.example\r\n\r\n",
    "GET /\tx HTTP/1.1\r\nHost: registry.example\r\n\r\n",
  ])("takes no request that is none, or that could be read in two ways: %j", (text) => {
    expect(read(text)).toBe("not-http");
  });
});
