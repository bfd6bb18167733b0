import { once } from "node:events";
import { createServer } from "node:net";
import { expect, test } from "vitest";
import { findPortOwner, isPortTaken } from "./port-check.mjs";

test.each(["127.0.0.1", "0.0.0.0", "::1"])("sees a listener on %s and names its process", async (host) => {
  const server = createServer();
  server.listen(0, host);
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  expect(await isPortTaken(address.port)).toBe(true);
  expect(findPortOwner(address.port)).toMatch(new RegExp(`^process ${process.pid} \\(.+\\)$`));

  server.close();
  await once(server, "close");
  expect(await isPortTaken(address.port)).toBe(false);
  expect(findPortOwner(address.port)).toBeUndefined();
});
