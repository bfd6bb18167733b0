import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { createApi, sharedAccess } from "./api.ts";
import { expectAccessible } from "./expect-accessible.ts";
import { makeRepository } from "./git-repository.ts";

/** A development server with live updates, and a page that tries what a preview must not do. */
const APP = String.raw`
import { createHash } from "node:crypto";
import { createServer } from "node:http";
const page = (api) => ${"`"}<!doctype html><html lang="en"><title>Clock</title>
<main><h1>Clock</h1><p id="live">0</p><p id="api">…</p><p id="worker">…</p><p id="top">…</p>
<button onclick="fetch('/tick', { method: 'POST' })">Tick</button></main><script>
const say = (id, text) => { document.getElementById(id).textContent = text; };
const socket = new WebSocket("ws://" + location.host + "/live");
socket.onmessage = ({ data }) => say("live", data);
fetch("${"$"}{api}/api/health", { mode: "no-cors" }).then(() => say("api", "API reached"), () => say("api", "API out of reach"));
navigator.serviceWorker.register("/worker.js").then(() => say("worker", "worker runs"), () => say("worker", "no worker"));
try { top.location.href = "/taken"; say("top", "page taken"); } catch { say("top", "page kept"); }
</script></html>${"`"};
const sockets = new Set();
let ticks = 0;
const frame = (text) => Buffer.concat([Buffer.from([0x81, text.length]), Buffer.from(text)]);
const server = createServer((request, response) => {
  const url = new URL(request.url, "http://x");
  if (request.method === "POST") {
    ticks += 1;
    for (const socket of sockets) socket.write(frame("ticks: " + ticks + " for " + request.headers.host));
    return response.end();
  }
  if (url.pathname === "/worker.js") return response.setHeader("content-type", "text/javascript").end("");
  response.setHeader("content-type", "text/html").end(page(url.searchParams.get("api")));
});
server.on("upgrade", (request, socket) => {
  const key = request.headers["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  const accept = createHash("sha1").update(key).digest("base64");
  socket.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " + accept + "\r\n\r\n");
  sockets.add(socket.on("error", () => sockets.delete(socket)).on("close", () => sockets.delete(socket)));
});
server.listen(5173, "127.0.0.1");
`;

test("what the agent serves shows beside the conversation, live, and gets no further", async ({ page }) => {
  test.setTimeout(240_000);
  const access = sharedAccess();
  const api = createApi(access);
  const repository = makeRepository(access.reposDir, "served");
  writeFileSync(join(repository.path, "app.mjs"), APP);
  // Started with the sandbox, so that the test need not wait for a turn.
  mkdirSync(join(repository.path, ".background-agents"));
  writeFileSync(join(repository.path, ".background-agents", "start.sh"), "exec node app.mjs\n", { mode: 0o755 });
  repository.git("add", "app.mjs", ".background-agents");
  repository.git("commit", "--quiet", "-m", "Serve");
  const { id } = await api.create({
    repository: repository.path,
    model: "demo/scripted",
    title: "Serve a page",
    prompt: { text: "Look around" },
  });
  const { origin, hash } = new URL(access.url);
  await page.goto(`${origin}/sessions/${id}${hash}`);
  const tab = page.getByRole("tab", { name: /^Preview/ });
  await expect(tab).toHaveText("Preview:5173", { timeout: 180_000 });
  await tab.click();
  const panel = page.getByRole("tabpanel", { name: /^Preview/ });
  await expect(panel.getByRole("option")).toHaveText("5173 · node app.mjs");

  const preview = page.frameLocator('iframe[title="Preview of port 5173"]');
  await expect(preview.getByRole("heading", { name: "Clock" })).toBeVisible();
  await panel.getByRole("textbox", { name: "Path" }).fill(`/?api=${access.apiUrl}`);
  await panel.getByRole("textbox", { name: "Path" }).press("Enter");
  await expect(preview.getByText("API out of reach")).toBeVisible();
  await expect(preview.getByText("no worker")).toBeVisible();
  await expect(preview.getByText("page kept")).toBeVisible();
  await expect(async () => {
    await preview.getByRole("button", { name: "Tick" }).click();
    await expect(preview.getByText(/^ticks: \d+ for localhost:5173$/)).toBeVisible({ timeout: 2_000 });
  }).toPass();
  expect(page.url()).toBe(`${origin}/sessions/${id}`);
  await expectAccessible(page);
});
