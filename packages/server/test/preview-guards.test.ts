import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { connect } from "node:net";
import { afterEach, expect, test } from "vitest";
import { WebSocket } from "ws";
import {
  closePreviewSession,
  dial,
  get,
  joinTo,
  nextConnect,
  openPreview,
  openPreviewSession,
  serveApp,
} from "../src/testing/preview-session.ts";

afterEach(closePreviewSession);

test("only the exact name leads to a preview", async () => {
  const { session, path, running } = await openPreviewSession();
  joinTo(session.id, await serveApp((_incoming, response) => response.end("the application")));
  const { url } = (await openPreview(path, 3000)).body;
  const { host, hostname, port } = new URL(url);
  expect(await get(url)).toMatchObject({ status: 200, text: "the application" });
  const label = hostname.split(".")[0] ?? "";
  const hosts = [
    `localhost:${port}`,
    `127.0.0.1:${port}`,
    `${label}.evil.example:${port}`,
    `${label}.localhost`,
    `${label}.localhost:${running.port}`,
    `${label}.localhost.:${port}`,
    `x.${label}.localhost:${port}`,
    `${label.slice(0, -1)}.localhost:${port}`,
    "evil.example",
  ];
  for (const wrong of hosts) {
    const answer = await get(url, { host: wrong });
    expect({ ...answer, wrong }).toMatchObject({ status: 421, wrong });
    expect(answer.text).toContain("No preview has this address");
    expect(answer.headers["content-security-policy"]).toContain("default-src 'none'");
  }
  const twice = connect(Number(port), "127.0.0.1").setEncoding("utf8");
  twice.write(`GET / HTTP/1.1\r\nHost: ${host}\r\nHost: evil.example\r\n\r\n`);
  expect(String((await once(twice, "data"))[0])).toMatch(/^HTTP\/1.1 4(00|21) /);
  const upgrade = new WebSocket(`ws://127.0.0.1:${port}/`, { headers: { host: `localhost:${port}` } });
  const [, refused] = (await once(upgrade, "unexpected-response")) as [unknown, IncomingMessage];
  expect(refused.statusCode).toBe(421);
  upgrade.on("error", () => undefined).terminate();
  // Neither serves what the other has.
  expect(await get(url, { host: `localhost:${running.port}` })).toMatchObject({ status: 421 });
  expect((await get(`${running.base}/`, { host })).status).toBe(421);

  const worker = await get(url, { headers: { "service-worker": "script" } });
  expect(worker).toMatchObject({ status: 403, text: expect.stringContaining("No service workers") });
  expect((await get(url, { headers: { "x-long": "x".repeat(20_000) } })).status).toBe(431);
});

test("a tunnel is its own session's, once, and only when it was asked for", async () => {
  const { session, path, make } = await openPreviewSession();
  const other = await make();
  const { url } = (await openPreview(path, 3000)).body;
  const asked = get(url);
  const { tunnelId } = await nextConnect(session.id);
  expect(await dial(other.session.id, tunnelId)).toMatchObject({ status: 404 });
  expect(await dial(session.id, tunnelId, "another token")).toMatchObject({ status: 401 });
  expect(await dial(session.id, "abcdef")).toMatchObject({ status: 404 });
  const { status, socket } = await dial(session.id, tunnelId);
  expect(status).toBe(101);
  expect(await dial(session.id, tunnelId)).toMatchObject({ status: 404 });
  socket.once("data", () => socket.end("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"));
  expect(await asked).toMatchObject({ status: 200, text: "hi" });

  // What is no HTTP, is broken HTTP, or breaks off, is said in words and harms nobody.
  const answers = [
    "220 mail.example ESMTP\r\n",
    "HTTP/1.1 000 Nothing\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n",
    `HTTP/1.1 200 OK\r\nX-Long: ${"x".repeat(40_000)}\r\n\r\n`,
    "",
  ];
  for (const answer of answers) {
    const broken = get(url);
    (await dial(session.id, (await nextConnect(session.id)).tunnelId)).socket.end(answer);
    expect(await broken).toMatchObject({
      status: 502,
      text: expect.stringContaining("port 3000 gave no answer"),
    });
  }
  // Sending the browser elsewhere is not passed on; where it came from, it is.
  const ways = {
    "https://evil.example/?stolen": 403,
    "//evil.example/": 403,
    "http://localhost:3001/": 403,
    "/next": 302,
    "//localhost:3000/next": 302,
    "http://127.0.0.1:3000/next": 302,
    "http://[": 302,
  };
  for (const [location, status] of Object.entries(ways)) {
    const led = get(url);
    const { tunnelId: named } = await nextConnect(session.id);
    (await dial(session.id, named)).socket.end(
      `HTTP/1.1 302 Found\r\nLocation: ${location}\r\nContent-Length: 0\r\n\r\n`,
    );
    expect({ location, status: (await led).status }).toEqual({ location, status });
  }
  const half = get(url);
  const cut = await dial(session.id, (await nextConnect(session.id)).tunnelId);
  cut.socket.end("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
  await expect(half).rejects.toThrow("aborted");
});
