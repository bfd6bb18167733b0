import { startTestServer, type TestServer } from "../src/testing/test-server.ts";
import type { AttackWorld } from "./attack-world.ts";

/** A server with all its guards that a family of attacks shares, made for the first of them and closed after the last. */
export function shareWholeServer(): (world: AttackWorld) => Promise<TestServer> {
  let shared: Promise<TestServer> | undefined;
  return (world) =>
    (shared ??= startTestServer({ onTurn: async () => undefined }).then((server) => {
      world.closeLater(() => server.close());
      return server;
    }));
}
