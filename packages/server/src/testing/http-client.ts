import { request } from "node:http";

export interface Asked {
  status: number;
  headers: Record<string, unknown>;
  text: string;
}

export interface Question {
  /** Where: a port of the loopback, or a Unix socket. */
  at: { port: number } | { socketPath: string };
  method?: string;
  path?: string;
  /** Sent exactly so, `host` included, which fetch does not allow. */
  headers?: Record<string, string>;
  body?: string;
}

/** Asks and answers, upgrades too; rejects where the connection breaks. */
export function ask({ at, method = "GET", path = "/", headers = {}, body }: Question): Promise<Asked> {
  const place = "port" in at ? { host: "127.0.0.1", port: at.port } : { socketPath: at.socketPath };
  return new Promise((resolve, reject) => {
    const outgoing = request({ ...place, method, path, headers, agent: false }, (answer) => {
      let text = "";
      answer.on("data", (chunk: Buffer) => (text += chunk.toString("latin1")));
      answer.on("error", reject);
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }));
    });
    outgoing.on("upgrade", (answer, socket) => {
      socket.destroy();
      resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text: "" });
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}
