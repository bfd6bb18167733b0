// @vitest-environment happy-dom
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text as readText } from "node:stream/consumers";
import { newId, SessionId } from "@background-agents/shared/ids";
import { afterEach, beforeEach, expect, it } from "vitest";
import { z } from "zod";
import { useAccess } from "../../api/access-store.ts";
import { forkSession } from "../../api/time-travel-client.ts";
import { cannedPrompt, cannedSession } from "../../testing/canned-fleet.ts";
import { startSession } from "./start-session.ts";

type Made = { session: ReturnType<typeof cannedSession>; prompts: ReturnType<typeof cannedPrompt>[] };

let server: Server;
/** What was made, in its order: one for each id, as the API does it. */
let made: Map<string, Made>;
let losesNext = false;

beforeEach(async () => {
  made = new Map();
  server = createServer((request, response) => {
    response.setHeader("access-control-allow-origin", request.headers.origin ?? "*");
    response.setHeader("access-control-allow-headers", "authorization, content-type");
    if (request.method === "OPTIONS") return void response.writeHead(204).end();
    void (async () => {
      const body: unknown = JSON.parse((await readText(request)) || "null");
      const send = (answer: unknown) =>
        response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
      if (request.method === "GET") return send(made.get(request.url?.split("/").at(-1) ?? ""));
      const { id } = z.object({ id: SessionId }).parse(body);
      const one = made.get(id) ?? begin(id);
      made.set(id, one);
      if (!losesNext) return send({ session: one.session });
      losesNext = false;
      return request.socket.destroy();
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  document.head.innerHTML = `<meta name="api-url" content="http://127.0.0.1:${port}">`;
  useAccess.setState({ token: "a-token", access: "granted" });
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function begin(id: SessionId): Made {
  const session = cannedSession({ id, title: "Made", status: "working" });
  return { session, prompts: [cannedPrompt(session, { id: newId("prompt"), text: "do it", mode: "queue" })] };
}

const source = newId("session");
const repositoryId = newId("repository");
const WAYS = {
  start: () =>
    startSession({
      ...{ text: "do it", branch: null, model: "demo/scripted", effort: null },
      repository: {
        ...{ id: repositoryId, name: "acme-api", path: "/home/you/code/acme-api", source: "found" },
        ...{ defaultBranch: "main", problem: null, notices: [] },
      },
    }),
  fork: () => forkSession(source, { title: "Made", prompt: "do it" }),
};

const ended = (status: "completed" | "failed") => (one: Made) => {
  Object.assign(one.prompts[0] ?? {}, { status, endedAt: new Date().toISOString() });
};
const deleted = (one: Made) => {
  one.session.deletedAt = new Date().toISOString();
};

it.each([
  { way: "start", where: "works on it", happen: () => {}, count: 1 },
  { way: "start", where: "has done it", happen: ended("completed"), count: 2 },
  { way: "start", where: "failed at it", happen: ended("failed"), count: 2 },
  { way: "start", where: "is deleted", happen: deleted, count: 2 },
  { way: "fork", where: "works on it", happen: () => {}, count: 1 },
  { way: "fork", where: "has done it", happen: ended("completed"), count: 2 },
  { way: "fork", where: "is deleted", happen: deleted, count: 2 },
] as const)("$way, asked again after a lost answer, where the session $where", async ({ way, happen, count }) => {
  losesNext = true;
  await expect(WAYS[way]()).rejects.toMatchObject({ code: "api.unreachable" });
  for (const one of made.values()) happen(one);
  const { id } = await WAYS[way]();
  expect(made.size).toBe(count);
  expect([...made.keys()].at(-1)).toBe(id);
});
