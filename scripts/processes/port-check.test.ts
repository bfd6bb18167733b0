import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { expect, test } from "vitest";
import { findPortOwner, isPortTaken } from "./port-check.mjs";
import { findGroup } from "./process-identity.mjs";

test("knows the group that a process leads, and that of what it starts", async () => {
  const leader = spawn("sh", ["-c", "sleep 60 & echo $!; wait"], {
    detached: true,
    stdio: ["ignore", "pipe", "ignore"],
  });
  const groupId = leader.pid ?? 0;
  try {
    const [line] = (await once(createInterface({ input: leader.stdout }), "line")) as [string];
    expect(findGroup(groupId)).toBe(groupId);
    expect(findGroup(Number(line))).toBe(groupId);
  } finally {
    process.kill(-groupId, "SIGKILL");
  }
});

test.each(["127.0.0.1", "0.0.0.0", "::1"])("sees a listener on %s and names its process", async (host) => {
  const server = createServer();
  server.listen(0, host);
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  expect(await isPortTaken(address.port)).toBe(true);
  expect(findPortOwner(address.port)).toEqual({
    text: expect.stringMatching(new RegExp(`^process ${process.pid} \\(.+\\)$`)),
    groupId: findGroup(process.pid),
  });

  server.close();
  await once(server, "close");
  expect(await isPortTaken(address.port)).toBe(false);
  expect(findPortOwner(address.port)).toBeUndefined();
});
