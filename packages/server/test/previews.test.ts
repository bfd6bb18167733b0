import { once } from "node:events";
import { request, type IncomingMessage } from "node:http";
import { createServer, type AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { frameText } from "../src/lib/frame-text.ts";
import {
  closePreviewSession,
  get,
  hubOptions,
  joinTo,
  nextConnect,
  openPreview,
  openPreviewSession,
  serveApp,
  supervisorOf,
} from "../src/testing/preview-session.ts";

afterEach(closePreviewSession);

test("an application is shown on an origin of its own, asked as localhost, under our policy", async () => {
  const { session, path, running } = await openPreviewSession();
  const seen: IncomingMessage["headers"][] = [];
  const app = await serveApp((incoming, response) => {
    seen.push(incoming.headers);
    response.setHeader("set-cookie", ["a=1; Domain=localhost; Path=/", "b=2"]);
    response.setHeader("x-frame-options", "DENY");
    response.setHeader("link", "<http://evil.example/>; rel=preconnect");
    response.setHeader(
      "content-security-policy",
      "img-src 'none'; report-uri http://evil.example/; frame-ancestors 'none'",
    );
    response.setHeader("location", "http://localhost:5173/next?a=b");
    incoming.pipe(response.writeHead(201));
  });
  joinTo(session.id, app);
  const opened = await openPreview(path, 5173);
  expect(opened.status).toBe(200);
  const { url } = opened.body;
  expect(url).toMatch(/^http:\/\/[a-z0-9]{26,}\.localhost:\d+\/$/);
  expect((await openPreview(path, 5173)).body.url).toBe(url);
  expect((await openPreview(path, 5174)).body.url).not.toBe(url);

  const origin = new URL(url).origin;
  const answer = await get(`${url}form`, {
    method: "POST",
    body: "echoed",
    headers: {
      origin,
      referer: `${origin}/page`,
      cookie: "a=1",
      "x-forwarded-host": "evil.example",
      connection: "x-secret",
      "x-secret": "1",
    },
  });
  expect(answer).toMatchObject({ status: 201, text: "echoed" });
  expect(seen[0]).toMatchObject({ host: "localhost:5173", origin: "http://localhost:5173", cookie: "a=1" });
  expect(seen[0]).toMatchObject({ referer: "http://localhost:5173/page" });
  expect(seen[0]).not.toHaveProperty("x-forwarded-host");
  expect(seen[0]).not.toHaveProperty("x-secret");
  const { headers } = answer;
  expect(headers["set-cookie"]).toEqual(["a=1; Path=/", "b=2"]);
  expect(headers).not.toHaveProperty("x-frame-options");
  expect(headers).not.toHaveProperty("link");
  expect(headers.location).toBe(`${url}next?a=b`);
  expect(headers).toMatchObject({ "referrer-policy": "same-origin", "cross-origin-resource-policy": "same-origin" });
  expect(headers["connection-allowlist"]).toBe("(response-origin);redirects=allow");
  const [own, ours] = String(headers["content-security-policy"]).split(", ");
  expect(own).toBe("img-src 'none'");
  expect(ours).toContain(`default-src 'self' ws://${new URL(url).host} `);
  expect(ours).toContain("frame-ancestors 'self' http://localhost:3000 http://127.0.0.1:3000");

  // Its pages are strangers to the API.
  const asked = await fetch(`${running.base}/api/health`, { headers: { origin } });
  expect(asked.status).toBe(403);
});

test("answers come as they are made, and sockets go both ways", async () => {
  const { session, path, running } = await openPreviewSession();
  let more: () => void = () => undefined;
  const app = await serveApp((_incoming, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" }).write("data: 1\n\n");
    more = () => response.end("data: 2\n\n");
  });
  const sockets = new WebSocketServer({ server: app });
  sockets.on("connection", (socket, incoming) => {
    socket.on("message", (data) => socket.send(`${incoming.headers.origin} ${frameText(data)}`));
  });
  joinTo(session.id, app);
  const { url } = (await openPreview(path, 3000)).body;
  const { host, port, origin } = new URL(url);

  const outgoing = request({ host: "127.0.0.1", port, headers: { host } }).end();
  const [answer] = (await once(outgoing, "response")) as [IncomingMessage];
  const [first] = (await once(answer.setEncoding("utf8"), "data")) as [string];
  expect(first).toBe("data: 1\n\n");
  more();
  expect((await once(answer, "data"))[0]).toBe("data: 2\n\n");

  const socket = new WebSocket(`ws://127.0.0.1:${port}/hmr`, { headers: { host, origin } });
  await once(socket, "open");
  socket.send("change");
  expect(String((await once(socket, "message"))[0])).toBe("http://localhost:3000 change");

  // Put away, the session takes what is open with it.
  const closed = once(socket, "close");
  await running.call("PATCH", path, { archived: true });
  await closed;
  expect(await get(url)).toMatchObject({ status: 421 });
  expect(await openPreview(path, 3000)).toMatchObject({
    status: 409,
    body: { error: { code: "sandbox.not-running" } },
  });
});

test("says why there is nothing to see: no application, no sandbox", async () => {
  const { session, path, running, watcher } = await openPreviewSession();
  const { url } = (await openPreview(path, 3000)).body;
  const asked = get(url);
  const { tunnelId } = await nextConnect(session.id);
  request({ ...hubOptions(session.id), method: "DELETE", path: `/preview/${tunnelId}` }).end();
  const nothing = await asked;
  expect(nothing).toMatchObject({ status: 502, text: expect.stringContaining("Nothing listens on port 3000") });
  expect(nothing.text).toContain('http-equiv="refresh"');

  // Tunnels that nobody dials are bounded in number.
  const waiting = Array.from({ length: 64 }, () => get(url));
  for (const _one of waiting) await nextConnect(session.id);
  expect(await get(url)).toMatchObject({ status: 503, text: expect.stringContaining("Too many connections") });

  running.provider.kill(session.id, 137);
  await watcher.waitFor((frame) => frame.type === "session" && frame.session.sandbox.status === "failed");
  for (const one of await Promise.all(waiting)) expect(one.status).toBe(503);
  expect(await get(url)).toMatchObject({ status: 503, text: expect.stringContaining("The sandbox does not run") });
  expect(await openPreview(path, 3000)).toMatchObject({
    status: 409,
    body: { error: { code: "sandbox.not-running" } },
  });
});

test("tells what listens, without secrets, until the sandbox ends", async () => {
  const { session, path, running, watcher } = await openPreviewSession();
  await running.call("PUT", "/api/secrets/API_TOKEN", { value: "canary-4711-canary" });
  const told = [
    { port: 5173, command: "vite --token canary-4711-canary" },
    { port: 3000, command: null },
    { port: 3000, command: null },
  ];
  supervisorOf(session.id).send({ type: "ports", ports: told });
  const frame = await watcher.waitFor((one) => one.type === "ports");
  const ports = [
    { port: 3000, command: null },
    { port: 5173, command: "vite --token [secret API_TOKEN]" },
  ];
  expect(frame).toEqual({ type: "ports", ports });
  expect((await running.call("GET", `${path}/ports`)).body).toEqual({ ports });
  const late = await running.watch(session.id);
  expect(late.frames[0]).toMatchObject({ type: "snapshot", ports });
  running.provider.kill(session.id, 137);
  await watcher.waitFor((one) => one.type === "ports" && one.ports.length === 0);
  expect((await running.call("GET", `/api/sessions/ses_${"0".repeat(26)}/ports`)).status).toBe(404);
});

test("a port that is taken is said, and previews come once it is free", async () => {
  const taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  const { port } = taken.address() as AddressInfo;
  const { path, running } = await openPreviewSession({ PREVIEW_PORT: String(port) });
  expect((await running.call("GET", "/api/health")).body).toMatchObject({ previews: { status: "idle", port } });
  const refused = await openPreview(path, 3000);
  expect(refused).toMatchObject({ status: 503, body: { error: { code: "preview.unavailable" } } });
  expect(refused.body.error?.message).toContain("PREVIEW_PORT");
  const { previews } = (await running.call("GET", "/api/health")).body as { previews: { status: string } };
  expect(previews).toMatchObject({ status: "unavailable", message: expect.stringContaining(String(port)) });
  taken.close();
  await once(taken, "close");
  expect((await openPreview(path, 3000)).status).toBe(200);
  expect((await running.call("GET", "/api/health")).body).toMatchObject({ previews: { status: "ok", port } });
});
