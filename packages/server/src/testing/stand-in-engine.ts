import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A container or network, by its name, with the labels that it was made with. */
export type StandInThing = { labels: Record<string, string>; securityOpt?: string[] };

type Asked = { Name?: string; Labels?: Record<string, string>; HostConfig?: { SecurityOpt?: string[] } };

/**
 * The part of an engine's API that makes, lists and removes containers and networks, with nothing behind it. A filter is
 * by labels, as the server's are.
 */
export async function startStandInEngine() {
  const directory = mkdtempSync(join(tmpdir(), "engine-"));
  const socketPath = join(directory, "engine.sock");
  const kinds = { containers: new Map<string, StandInThing>(), networks: new Map<string, StandInThing>() };
  const waiting = new Map<string, () => void>();
  let onWaited: (name: string) => void = () => undefined;
  let onListed: (kind: keyof typeof kinds) => void = () => undefined;

  const server = createServer((request, response) => {
    let text = "";
    request.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
    request.on("end", () => {
      const { pathname, searchParams } = new URL(request.url ?? "", "http://engine");
      const [, kind, name = "", action] = /^\/(containers|networks)\/?([^/]*)\/?(.*)/.exec(pathname) ?? [];
      const answer = (status: number, body?: unknown): void => {
        response.writeHead(status, { "content-type": "application/json" });
        response.end(body === undefined ? undefined : JSON.stringify(body));
      };
      if (kind !== "containers" && kind !== "networks") return answer(501, { message: `${pathname} is not played` });
      const things = kinds[kind];
      if (request.method === "DELETE") return things.delete(name) ? answer(204) : answer(404, { message: "gone" });
      if (request.method === "POST" && name === "create") {
        const { Name, Labels, HostConfig } = JSON.parse(text) as Asked;
        const made = searchParams.get("name") ?? Name ?? "";
        const securityOpt = HostConfig?.SecurityOpt;
        things.set(made, { labels: Labels ?? {}, ...(securityOpt && { securityOpt }) });
        return answer(201, { Id: made });
      }
      if (action === "wait") {
        waiting.set(name, () => answer(200, { StatusCode: 0 }));
        return onWaited(name);
      }
      if (action === "logs") return answer(200);
      if (request.method === "POST") return answer(kind === "networks" ? 200 : 204);
      if (name === "bridge") return answer(200, { IPAM: { Config: [{ Gateway: "172.17.0.1" }] } });
      if (name !== "" && name !== "json") return answer(404, { message: "gone" });
      const { label = [] } = JSON.parse(searchParams.get("filters") ?? "{}") as { label?: string[] };
      const listed = [...things].filter(([, { labels }]) =>
        label.every((one) => one in labels || Object.entries(labels).some((pair) => pair.join("=") === one)),
      );
      onListed(kind);
      answer(
        200,
        listed.map(([Id, { labels }]) => ({ Id, Labels: labels })),
      );
    });
  });
  server.listen(socketPath);
  await once(server, "listening");

  return {
    ...kinds,
    socketPath,
    /** Called with what was just listed, before the server hears of it. */
    whenListed: (call: typeof onListed): void => void (onListed = call),
    /** The next container whose end is waited for. */
    nextAwaited: (): Promise<string> => new Promise((resolve) => (onWaited = resolve)),
    /** Ends a container whose end is waited for. */
    end(name: string): void {
      waiting.get(name)?.();
      waiting.delete(name);
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
