import type { createApi } from "../../e2e/api.ts";
import { ModelsAnswer } from "@background-agents/shared/protocol/commands";

/** The first of Anthropic's models that the system offers. Throws where it offers none. */
export async function chooseModel(api: ReturnType<typeof createApi>): Promise<string> {
  const { models } = ModelsAnswer.parse(await api.call("GET", "/api/models"));
  const model = models.find(({ provider, available }) => provider === "anthropic" && available);
  if (model === undefined) throw new Error("The system offers no model of Anthropic's.");
  return model.id;
}
