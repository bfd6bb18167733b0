import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { newId } from "@background-agents/shared/ids";
import Fastify, { type FastifyInstance } from "fastify";
import { serializerCompiler, validatorCompiler } from "fastify-type-provider-zod";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openDatabase, type Database } from "../db/database.ts";
import { installErrorAnswers } from "../http/error-answers.ts";
import { systemClock } from "../lib/clock.ts";
import { createLogger } from "../lib/logger.ts";
import { createRepositories } from "./repositories.ts";
import { repositoryRoutes } from "./repository-routes.ts";
import { makeRepository, makeTempDir } from "./testing/git-fixture.ts";

let temp: ReturnType<typeof makeTempDir>;
let db: Database;
let app: FastifyInstance;
let reposDir: string;

beforeEach(async () => {
  temp = makeTempDir();
  reposDir = join(temp.dir, "code");
  mkdirSync(reposDir);
  db = openDatabase(":memory:");
  const log = createLogger({ level: "silent", pretty: false });
  const config = { dataDir: join(temp.dir, "data"), reposDir };
  const { service } = createRepositories({ db, config, clock: systemClock, log, isInUse: () => false });
  app = Fastify();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  installErrorAnswers(app);
  await app.register(repositoryRoutes({ service }));
});
afterEach(async () => {
  await app.close();
  db.close();
  temp.remove();
});

it("goes from nothing to a sample with branches", async () => {
  const empty = await app.inject({ method: "GET", url: "/api/repositories" });
  expect(empty.json()).toEqual({ repositories: [], reposDir });
  const made = await app.inject({ method: "POST", url: "/api/repositories/sample" });
  expect(made.statusCode).toBe(201);
  const { repository } = made.json<{ repository: { id: string } }>();
  const listed = await app.inject({ method: "GET", url: "/api/repositories" });
  expect(listed.json()).toEqual({ repositories: [repository], reposDir });
  const branches = await app.inject({ method: "GET", url: `/api/repositories/${repository.id}/branches` });
  expect(branches.json()).toMatchObject({
    defaultBranch: "main",
    branches: [{ name: "main", subject: "Add the command line" }],
  });
});

it("registers and forgets a repository", async () => {
  const path = makeRepository(join(temp.dir, "outside"));
  const made = await app.inject({ method: "POST", url: "/api/repositories", payload: { path } });
  expect(made.statusCode).toBe(201);
  const { repository } = made.json<{ repository: { id: string; path: string } }>();
  expect(repository.path).toBe(path);
  const url = `/api/repositories/${repository.id}`;
  expect((await app.inject({ method: "DELETE", url })).statusCode).toBe(204);
  expect((await app.inject({ method: "DELETE", url })).statusCode).toBe(404);
});

const REFUSED = [
  { method: "POST", url: "/api/repositories", payload: {}, status: 400, code: "request.invalid" },
  {
    method: "POST",
    url: "/api/repositories",
    payload: { path: "/", url: "https://example.com/a" },
    status: 400,
    code: "request.invalid",
  },
  { method: "POST", url: "/api/repositories", payload: { path: "/nothing" }, status: 400, code: "repository.invalid" },
  { method: "POST", url: "/api/repositories", payload: { url: "file:///x" }, status: 400, code: "repository.invalid" },
  { method: "GET", url: "/api/repositories/nonsense/branches", status: 400, code: "request.invalid" },
  {
    method: "GET",
    url: `/api/repositories/${newId("repository")}/branches`,
    status: 404,
    code: "repository.not-found",
  },
  { method: "DELETE", url: `/api/repositories/${newId("repository")}`, status: 404, code: "repository.not-found" },
] as const;

it.each(REFUSED)("$method $url is answered with $status $code", async ({ status, code, ...request }) => {
  const answer = await app.inject(request);
  expect(answer.statusCode).toBe(status);
  expect(answer.json()).toMatchObject({ error: { code } });
});
