import { once } from "node:events";
import type { Server } from "node:http";

/** Opens a relay's server on a port of the container's own loopback. `close` ends what is open, too. */
export async function listenLocally(server: Server, port: number): Promise<{ close: () => void }> {
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return {
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
