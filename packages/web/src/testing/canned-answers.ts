import { CATALOGUE } from "@background-agents/shared/models/catalogue-data";
import type { Session } from "@background-agents/shared/sessions/session";
import { cannedBranches, cannedDisk } from "./canned-fleet.ts";

/** What is the same whenever it is asked: the server's health, models, repositories, disk. Undefined for other paths. */
export function answerFixed(path: string, session: Session): object | undefined {
  if (path.endsWith("/branches")) return cannedBranches();
  switch (path) {
    case "/api/health":
      return {
        status: "ok",
        version: "0.1.0",
        docker: { status: "ok" },
        sandboxImage: { status: "ok", name: "sandbox" },
      };
    case "/api/models": {
      const models = CATALOGUE.map((model) => ({
        ...model,
        available: model.provider !== "openai",
        reason: "Set OPENAI_API_KEY in .env and restart",
      }));
      return { models, default: models[0]?.id };
    }
    case "/api/repositories": {
      const repository = { ...session.repository, source: "found", defaultBranch: "main", problem: null, notices: [] };
      return { repositories: [repository], reposDir: "/home/you/code" };
    }
    case "/api/disk":
      return cannedDisk(session.id);
    default:
      return undefined;
  }
}
