import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ask as askAt, type Asked, type Question } from "../src/testing/http-client.ts";
import { startTestServer, type TestServer } from "../src/testing/test-server.ts";

/** Host, Origin and token on every request and every upgrade, with a control that passes for each. */

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ onTurn: async () => undefined });
});
afterAll(() => server.close());

const ask = ({ path = "/api/sessions", ...question }: Omit<Question, "at">): Promise<Asked> =>
  askAt({ at: { port: server.port }, path, ...question });

const good = () => ({ host: `localhost:${server.port}`, authorization: `Bearer ${server.token}` });

describe("requests", () => {
  test("the right host and token pass", async () => {
    expect((await ask({ headers: good() })).status).toBe(200);
  });

  test.each(["evil.example", "localhost:1", "localhost.evil.example"])("host %j is refused", async (host) => {
    const answer = await ask({ headers: { ...good(), host } });
    expect(answer.status).toBe(421);
    expect(JSON.parse(answer.text)).toMatchObject({ error: { code: "access.host-refused" } });
  });

  test("the host is checked where no token is asked", async () => {
    expect((await ask({ path: "/api/health", headers: { host: "evil.example" } })).status).toBe(421);
    expect((await ask({ path: "/api/health", headers: { host: good().host } })).status).toBe(200);
  });

  test.each([
    ["access.token-missing", {}],
    ["access.token-missing", { authorization: "Basic Zm9v" }],
    ["access.token-wrong", { authorization: "Bearer wrong" }],
  ])("%s", async (code, headers: Record<string, string>) => {
    const answer = await ask({ headers: { host: good().host, ...headers } });
    expect(answer.status).toBe(401);
    expect(JSON.parse(answer.text)).toMatchObject({ error: { code } });
  });

  test("the API describes itself: the document to the token's holder, the empty page to all", async () => {
    const document = await ask({ path: "/api/openapi.json", headers: good() });
    expect(document.status).toBe(200);
    expect(Object.keys((JSON.parse(document.text) as { paths: object }).paths)).toContain("/api/sessions/{id}/prompts");
    expect((await ask({ path: "/api/openapi.json", headers: { host: good().host } })).status).toBe(401);
    const page = await ask({ path: "/api/docs", headers: { host: good().host } });
    expect(page.status).toBe(200);
    expect(page.text).not.toContain("/api/sessions");
    expect(page.headers["content-security-policy"]).toContain("default-src 'none'");
  });

  test("an unknown route tells nothing without a token", async () => {
    expect((await ask({ path: "/api/nothing", headers: { host: good().host } })).status).toBe(401);
    expect((await ask({ path: "/api/nothing", headers: good() })).status).toBe(404);
  });

  test.each(["http://evil.example", "null", "http://localhost:1", "https://localhost:3000.evil.example"])(
    "origin %s is refused",
    async (origin) => {
      expect((await ask({ headers: { ...good(), origin } })).status).toBe(403);
    },
  );

  test("the page's origin passes and is named in the answer", async () => {
    const answer = await ask({ headers: { ...good(), origin: "http://localhost:3000" } });
    expect(answer.status).toBe(200);
    expect(answer.headers["access-control-allow-origin"]).toBe("http://localhost:3000");
  });

  test("a preflight of the page is answered exactly, another one is refused", async () => {
    const preflight = { host: good().host, "access-control-request-method": "POST" };
    const answer = await ask({ method: "OPTIONS", headers: { ...preflight, origin: "http://localhost:3000" } });
    expect(answer.status).toBe(204);
    expect(answer.headers["access-control-allow-headers"]).toBe("authorization, content-type");
    const foreign = await ask({ method: "OPTIONS", headers: { ...preflight, origin: "http://evil.example" } });
    expect(foreign.status).toBe(403);
  });

  test("a request that says JSON and carries nothing is taken; half a JSON is not", async () => {
    const headers = { ...good(), "content-type": "application/json" };
    expect(
      (await ask({ method: "DELETE", path: "/api/sessions/ses_01m848qzv5q9pfrfhvybh25j53", headers })).status,
    ).toBe(404);
    expect((await ask({ method: "POST", headers, body: '{"a":' })).status).toBe(400);
    expect((await ask({ method: "POST", headers, body: '{"__proto__":{"x":1}}' })).status).toBe(400);
  });

  test("a form's content type is not taken", async () => {
    const headers = { ...good(), "content-type": "text/plain" };
    const answer = await ask({ method: "POST", headers, body: '{"repository":"/"}' });
    expect(answer.status).toBe(415);
  });
});

describe("upgrades", () => {
  const upgrade = (headers: Record<string, string>) =>
    ask({
      path: "/api/socket",
      headers: {
        host: good().host,
        connection: "Upgrade",
        upgrade: "websocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
        "sec-websocket-protocol": `background-agents.v1, bearer.${server.token}`,
        ...headers,
      },
    });

  test("the right one is upgraded and echoes only the first subprotocol", async () => {
    const answer = await upgrade({ origin: "http://localhost:3000" });
    expect(answer.status).toBe(101);
    expect(answer.headers["sec-websocket-protocol"]).toBe("background-agents.v1");
  });

  test.each([
    [421, { host: "evil.example" }],
    [403, { origin: "http://evil.example" }],
    [403, { origin: "null" }],
    [401, { "sec-websocket-protocol": "background-agents.v1" }],
    [401, { "sec-websocket-protocol": "background-agents.v1, bearer.wrong" }],
  ])("%i for %j", async (status, headers: Record<string, string>) => {
    expect((await upgrade(headers)).status).toBe(status);
  });
});
