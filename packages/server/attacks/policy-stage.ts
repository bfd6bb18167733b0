import { readFileSync } from "node:fs";
import { request } from "node:http";
import { createServer, type AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { join } from "node:path";
import type { Session } from "@background-agents/shared/sessions/session";
import { connectToAny } from "../src/egress/tunnel-client.ts";
import type { FakeTurn } from "../src/testing/fake-supervisor.ts";
import { makeRepository, startTestServer } from "../src/testing/test-server.ts";

export type PolicyStage = Awaited<ReturnType<typeof setPolicyStage>>;

/** The real app with sessions whose turns run until they are let go; every public name leads to a site that says hello. */
export async function setPolicyStage() {
  const ends = new Map<string, () => void>();
  const open = new Set<Duplex>();
  const site = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.write("hello");
  });
  await new Promise<void>((listening) => site.listen(0, "127.0.0.1", listening));
  const resolve = async (host: string) => [host.startsWith("inside.") ? "10.0.0.5" : "93.184.216.34"];
  const server = await startTestServer({
    async onTurn(turn: FakeTurn) {
      const ids = { promptId: turn.deliver.promptId, turnId: turn.deliver.turnId };
      await turn.supervisor.report({ kind: "turn.started", ...ids, messageId: "msg_1" });
      await new Promise<void>((end) => ends.set(turn.deliver.text, end));
      await turn.supervisor.report({ kind: "turn.ended", ...ids, outcome: "completed", durationMs: 1 });
    },
    dialer: {
      ...{ resolve, resolveBriefly: resolve },
      connect: (_addresses, _port, signal) => connectToAny(["127.0.0.1"], (site.address() as AddressInfo).port, signal),
    },
  });
  const repositories = new Map<string, string>();

  async function read(id: string): Promise<Session> {
    return ((await server.call("GET", `/api/sessions/${id}`)).body as { session: Session }).session;
  }

  return {
    server,
    read,

    /** A session of that repository with a turn under way; its prompt is its name. */
    async start(repositoryName: string, prompt: string): Promise<Session> {
      const repository = repositories.get(repositoryName) ?? makeRepository(server.reposDir, repositoryName);
      repositories.set(repositoryName, repository);
      const body = { repository, model: "demo/scripted", prompt: { text: prompt } };
      const { session } = (await server.call("POST", "/api/sessions", body)).body as { session: Session };
      const watcher = await server.watch(session.id, 0);
      await watcher.waitForEvent("prompt.started");
      return session;
    },

    /** Ends the turn of that prompt and, in the same session, begins the next. */
    async goOn(id: string, prompt: string, next: string): Promise<void> {
      const watcher = await server.watch(id);
      ends.get(prompt)?.();
      await watcher.waitForEvent("prompt.completed");
      await server.call("POST", `/api/sessions/${id}/prompts`, { text: next });
      await watcher.waitForEvent("prompt.started");
    },

    /** Answers the card of that host, which is asked for first. */
    async allow(id: string, host: string, scope: "once" | "session" | "repository"): Promise<number> {
      await this.dial(id, `${host}:443`);
      const card = (await read(id)).blockedHosts.find((one) => one.host === host);
      const path = `/api/sessions/${id}/egress/${card?.requestId ?? "none"}`;
      return (await server.call("POST", path, { allow: scope })).status;
    },

    /** A CONNECT as the session's supervisor makes it; `closed` settles when the tunnel ends. */
    async dial(id: string, target: string): Promise<{ status: number; closed: Promise<string> }> {
      const container = [...server.provider.containers.values()].findLast((one) => one.sessionId === id);
      const hubDirectory = container?.order.hubDirectory ?? "";
      const outgoing = request({
        ...{ socketPath: join(hubDirectory, "hub.sock"), method: "CONNECT", path: target },
        headers: { authorization: `Bearer ${readFileSync(join(hubDirectory, "token"), "utf8")}` },
      });
      return new Promise((done, reject) => {
        outgoing.once("error", reject);
        outgoing.once("connect", (answer, socket: Duplex) => {
          open.add(socket);
          const closed = new Promise<string>((over) => socket.once("close", () => over("closed")));
          socket.on("error", () => undefined).resume();
          done({ status: answer.statusCode ?? 0, closed });
        });
        outgoing.end();
      });
    },

    async close(): Promise<void> {
      for (const socket of open) socket.destroy();
      site.close();
      await server.close();
    },
  };
}
