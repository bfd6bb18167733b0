import { RepositoryId } from "@background-agents/shared/ids";
import {
  BranchesAnswer,
  CopiedFilesAnswer,
  RegisterRepositoryBody,
  RepositoriesAnswer,
  RepositoryAnswer,
  UpdateRepositoryBody,
} from "@background-agents/shared/protocol/commands";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import type { RepositoryService } from "./repository-service.ts";

const Params = z.object({ id: RepositoryId });

/** `/api/repositories`: the ones found and registered, and their branches. */
export function repositoryRoutes(deps: { service: RepositoryService }): FastifyPluginAsyncZod {
  const { service } = deps;
  return async (app) => {
    app.get("/api/repositories", { schema: { response: { 200: RepositoriesAnswer } } }, async () => ({
      repositories: await service.list(),
      reposDir: service.reposDir,
    }));

    app.post(
      "/api/repositories",
      { schema: { body: RegisterRepositoryBody, response: { 201: RepositoryAnswer } } },
      async (request, reply) => reply.code(201).send({ repository: await service.register(request.body) }),
    );

    app.post("/api/repositories/sample", { schema: { response: { 201: RepositoryAnswer } } }, async (_request, reply) =>
      reply.code(201).send({ repository: await service.createSample() }),
    );

    app.delete("/api/repositories/:id", { schema: { params: Params } }, async (request, reply) => {
      await service.remove(request.params.id);
      return reply.code(204).send();
    });

    app.patch(
      "/api/repositories/:id",
      { schema: { params: Params, body: UpdateRepositoryBody, response: { 200: RepositoryAnswer } } },
      async (request) => ({ repository: await service.update(request.params.id, request.body) }),
    );

    app.get(
      "/api/repositories/:id/copied-files",
      { schema: { params: Params, response: { 200: CopiedFilesAnswer } } },
      async (request) => service.listCopiedFiles(request.params.id),
    );

    app.get(
      "/api/repositories/:id/branches",
      { schema: { params: Params, response: { 200: BranchesAnswer } } },
      async (request) => service.branches(request.params.id),
    );
  };
}
