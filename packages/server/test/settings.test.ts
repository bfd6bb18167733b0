import type { Setting } from "@background-agents/shared/settings/settings";
import { afterEach, expect, it } from "vitest";
import { startTestServer, type TestServer } from "../src/testing/test-server.ts";

let server: TestServer;
afterEach(() => server.close());

const start = async (env: Record<string, string> = {}) => {
  server = await startTestServer({ onTurn: async () => undefined, env });
  const { body } = await server.call("POST", "/api/repositories/sample");
  return (body as { repository: { id: string } }).repository.id;
};

const read = async (key: string, repository?: string): Promise<Setting | undefined> => {
  const { body } = await server.call("GET", `/api/settings${repository ? `?repository=${repository}` : ""}`);
  return (body as { settings: Setting[] }).settings.find((setting) => setting.key === key);
};

it("says where each value comes from, and takes values back", async () => {
  const repository = await start({ SANDBOX_CPUS: "3" });
  expect(await read("sandbox.cpus", repository)).toMatchObject({ value: 3, source: "environment" });
  expect(await read("sandbox.diskBytes")).toMatchObject({ value: 21_474_836_480, source: "default" });

  await server.call("PUT", "/api/settings", { values: { "sandbox.cpus": 1, "sandbox.diskBytes": null } });
  expect(await read("sandbox.cpus", repository)).toMatchObject({ value: 1, source: "global" });
  expect(await read("sandbox.diskBytes")).toMatchObject({ value: null, source: "global" });

  await server.call("PUT", "/api/settings", { repository, values: { "sandbox.cpus": 2 } });
  expect(await read("sandbox.cpus", repository)).toMatchObject({
    ...{ value: 2, source: "repository", inherited: { value: 1, source: "global" } },
  });
  server = await server.restart();
  await server.call("PUT", "/api/settings", { repository, reset: ["sandbox.cpus"] });
  await server.call("PUT", "/api/settings", { reset: ["sandbox.cpus"] });
  expect(await read("sandbox.cpus", repository)).toMatchObject({ value: 3, source: "environment" });
});

it("adds a repository's hosts to those of all", async () => {
  const repository = await start();
  await server.call("PUT", "/api/settings", { values: { "network.hosts": ["a.example.com"] } });
  await server.call("PUT", "/api/settings", { repository, values: { "network.hosts": ["*.b.example.com"] } });
  expect((await read("network.hosts", repository))?.value).toEqual(["a.example.com", "*.b.example.com"]);
  expect((await read("network.hosts"))?.value).toEqual(["a.example.com"]);
});

it.each([
  ["a value of the wrong shape", { values: { "sandbox.cpus": -1, "network.mode": "open" } }, /sandbox\.cpus/],
  ["a wildcard for everything", { values: { "network.hosts": ["*"] } }, /network\.hosts/],
  ["a key of repositories for all", { values: { "setup.script": "true" } }, /one repository/],
  ["a key that is none", { values: { "nothing.such": 1 } }, /nothing\.such|values/],
  ["an unknown repository", { repository: "rep_01arz3ndektsv4rrffq69g5fav", values: {} }, /no repository/],
])("refuses %s and stores nothing", async (_what, body, message) => {
  await start();
  const answer = await server.call("PUT", "/api/settings", body);
  expect(answer.status).toBeGreaterThanOrEqual(400);
  expect(JSON.stringify(answer.body)).toMatch(message);
  expect(await read("network.mode")).toMatchObject({ source: "default" });
});
