import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:net";

export type Sink = Awaited<ReturnType<typeof openSink>>;

/** Takes whatever reaches it, by TCP (answered as HTTP) and by UDP, on each of the host's addresses given. */
export async function openSink(hosts: readonly string[]) {
  let received = "";
  let connections = 0;
  const closers: (() => void)[] = [];
  let port = 0;
  for (const host of hosts) {
    const server = createServer((socket) => {
      connections += 1;
      socket.on("error", () => undefined);
      socket.on("data", (chunk: Buffer) => {
        received += chunk.toString("latin1");
        socket.end("HTTP/1.1 200 OK\r\ncontent-length: 4\r\nconnection: close\r\n\r\nsink");
      });
    });
    server.listen(port, host);
    await once(server, "listening");
    const address = server.address();
    if (typeof address === "object" && address) port = address.port;
    const datagrams = createSocket("udp4", (message) => {
      connections += 1;
      received += message.toString("latin1");
    });
    datagrams.bind(port, host);
    await once(datagrams, "listening");
    closers.push(
      () => server.close(),
      () => datagrams.close(),
    );
  }
  return {
    port,
    /** What came since it was last asked. */
    take(): { connections: number; text: string } {
      const taken = { connections, text: received };
      [received, connections] = ["", 0];
      return taken;
    },
    close(): void {
      for (const close of closers) close();
    },
  };
}
