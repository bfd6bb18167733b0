import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Docker from "dockerode";
import { describe, expect, test } from "vitest";
import { refusal } from "../testing/fake-provider.ts";
import { causeOf, engineCall, wrapEngineError } from "./engine-call.ts";

/** Asks whoever answers at a port of this machine in the given way. */
async function askServer(answer: string | null): Promise<unknown> {
  const server = createServer((socket) => {
    socket.once("data", () => (answer === null ? socket.destroy() : socket.end(answer)));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  try {
    return await engineCall(() => new Docker({ host: "127.0.0.1", port, protocol: "http" }).info());
  } finally {
    server.close();
  }
}

describe("an engine that is away, and may come back", () => {
  test("has no socket, or does not listen", async () => {
    const socketPath = join(tmpdir(), "no-engine-here.sock");
    const cause = expect.stringContaining(socketPath);
    const asked = engineCall(() => new Docker({ socketPath }).info());
    await expect(asked).rejects.toMatchObject({ code: "engine.unavailable", message: cause });
    const nowhere = createServer().listen(0, "127.0.0.1");
    await once(nowhere, "listening");
    const { port } = nowhere.address() as AddressInfo;
    nowhere.close();
    await once(nowhere, "close");
    const refused = engineCall(() => new Docker({ host: "127.0.0.1", port, protocol: "http" }).info());
    await expect(refused).rejects.toMatchObject({ code: "engine.unavailable" });
  });

  test("hangs up", async () => {
    await expect(askServer(null)).rejects.toMatchObject({ code: "engine.unavailable" });
  });

  test("is tried at several addresses, whose failure has no words of its own", () => {
    const several = Object.assign(new AggregateError([]), { code: "ECONNREFUSED" });
    const error = wrapEngineError(several);
    expect(error).toMatchObject({ code: "engine.unavailable", message: expect.stringContaining("(ECONNREFUSED)") });
    expect(causeOf(error)).toBe("ECONNREFUSED");
  });
});

describe("an engine that cannot be used, however long one waits", () => {
  test("does not let this user in", () => {
    const error = wrapEngineError(refusal("EACCES"));
    expect(error).toMatchObject({ code: "engine.unusable", message: expect.stringContaining("group that owns it") });
    expect(causeOf(error)).toContain("EACCES");
  });

  test("speaks another protocol", async () => {
    const message = expect.stringContaining("DOCKER_HOST");
    await expect(askServer("\x15\x03\x01\x00\x02\x02\x16")).rejects.toMatchObject({ code: "engine.unusable", message });
  });

  test.each(["CERT_HAS_EXPIRED", "ENOTFOUND", undefined])("fails with %s", (code) => {
    expect(wrapEngineError(Object.assign(new Error("no"), { code }))).toMatchObject({ code: "engine.unusable" });
  });

  test("is not missing with a file of this machine", () => {
    const missing = Object.assign(new Error("no file"), { code: "ENOENT", syscall: "open" });
    expect(wrapEngineError(missing)).toMatchObject({ code: "engine.unusable" });
  });
});

test("an answer is about what was asked for", async () => {
  const answer = "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}";
  await expect(askServer(answer)).rejects.toMatchObject({ code: "sandbox.failed" });
});
