import { CATALOGUE } from "@background-agents/shared/models/catalogue-data";
import {
  type CatalogueModel,
  DEMO_MODEL_ID,
  type OfferedModel,
  splitModelId,
} from "@background-agents/shared/models/catalogue";
import type { Endpoint } from "@background-agents/shared/models/endpoint";
import { buildOpencodeEndpoint } from "@background-agents/shared/models/opencode-providers";
import type { PermissionRule } from "@background-agents/shared/sessions/permission-rule";
import type { ModelId, PermissionMode } from "@background-agents/shared/sessions/session";
import { AppError, messageOf } from "../lib/app-error.ts";
import type { Log } from "../lib/logger.ts";
import type { EndpointService } from "./endpoints/endpoint-service.ts";
import { KEYED_PROVIDERS, type KeyedProvider } from "./keyed-providers.ts";
import { listedToCatalogue, type ListedModel } from "./listed-models.ts";
import { buildOpencodeConfig } from "./opencode-config.ts";

export interface ModelService {
  /** Every model of the catalogue, usable or not, each provider's default first. */
  list(): OfferedModel[];
  /** The model a session gets when none is named: Anthropic's where its key is set, else OpenAI's, else the demo. */
  defaultModel(): CatalogueModel;
  /** The model of this id, or undefined; says nothing about availability. */
  find(modelId: string): CatalogueModel | undefined;
  /** The model, usable now and taking this effort. Throws model.unknown, model.unavailable or effort.unknown. */
  require(modelId: string, effort?: string | null): CatalogueModel;
  /** OPENCODE_CONFIG_CONTENT, whole, for a container whose relay listens on `llmRelayPort`. */
  opencodeConfig(options: {
    llmRelayPort: number;
    permissionMode: PermissionMode;
    permissionRules?: readonly PermissionRule[] | undefined;
  }): Record<string, unknown>;
  /** The part of it for the model's provider, where the user added that: a container may have started without it. */
  opencodeEndpoint(modelId: string, llmRelayPort: number): Record<string, unknown> | undefined;
  /** Asks each provider that has a key for its list and adds the models we do not know. Never throws. */
  refresh(): Promise<void>;
}

/** Knows which models exist and which of them can be used with the keys at hand. */
export function createModelService(deps: {
  endpoints: Pick<EndpointService, "findUpstream" | "listAdded">;
  fetchModelList?: (provider: KeyedProvider) => Promise<ListedModel[]>;
  log?: Pick<Log, "info" | "warn">;
}): ModelService {
  let known: readonly CatalogueModel[] = CATALOGUE;

  /** What the user added stands before the script: with no key but a model of one's own, that is the default. */
  const readCatalogue = (): CatalogueModel[] => {
    const added = deps.endpoints.listAdded().flatMap(toCatalogue);
    const [scripted, real] = [known.filter((model) => model.scripted), known.filter((model) => !model.scripted)];
    return [...real, ...added, ...scripted];
  };

  const unavailableReason = (model: CatalogueModel): string | undefined =>
    model.provider === "demo" ? undefined : deps.endpoints.findUpstream(model.provider)?.problem;

  const find = (modelId: string) => readCatalogue().find((model) => model.id === modelId);

  const idsOf = (models: readonly CatalogueModel[]) => models.map((model) => model.id).join(", ");

  const available = () => readCatalogue().filter((model) => unavailableReason(model) === undefined);

  return {
    find,

    list: () => {
      const names = new Map(deps.endpoints.listAdded().map(({ id, name }) => [id, name]));
      return readCatalogue().map((model) => {
        const reason = unavailableReason(model);
        const providerName = names.get(model.provider);
        const offered = { ...model, ...(providerName !== undefined && { providerName }) };
        return reason === undefined ? { ...offered, available: true } : { ...offered, available: false, reason };
      });
    },

    defaultModel: () => {
      const model = available()[0];
      if (!model) throw new AppError("server.internal", `The catalogue lacks ${DEMO_MODEL_ID}.`);
      return model;
    },

    require: (modelId, effort) => {
      const model = find(modelId);
      if (!model) {
        throw new AppError("model.unknown", `There is no model ${modelId}. Choose one of: ${idsOf(available())}.`, {
          details: { models: available().map((each): ModelId => each.id) },
        });
      }
      const reason = unavailableReason(model);
      if (reason) throw new AppError("model.unavailable", `${model.name} cannot be used yet. ${reason}.`);
      if (effort !== undefined && effort !== null && !model.efforts.includes(effort)) {
        const possible =
          model.efforts.length > 0 ? `It takes: ${model.efforts.join(", ")}.` : "It takes none: leave the effort out.";
        throw new AppError("effort.unknown", `${model.name} does not take the effort "${effort}". ${possible}`, {
          details: { efforts: model.efforts },
        });
      }
      return model;
    },

    opencodeConfig: (options) =>
      buildOpencodeConfig(readCatalogue(), { ...options, added: deps.endpoints.listAdded() }),

    opencodeEndpoint: (modelId, llmRelayPort) => {
      const { provider } = splitModelId(modelId);
      const endpoint = deps.endpoints.listAdded().find(({ id }) => id === provider);
      return endpoint && buildOpencodeEndpoint(endpoint, { catalogue: readCatalogue(), llmRelayPort });
    },

    refresh: async () => {
      const { fetchModelList } = deps;
      if (!fetchModelList) return;
      for (const provider of KEYED_PROVIDERS.filter(
        (each) => deps.endpoints.findUpstream(each)?.problem === undefined,
      )) {
        try {
          const added = listedToCatalogue(provider, await fetchModelList(provider), known);
          known = insertAfterProvider(known, provider, added);
          if (added.length > 0) deps.log?.info({ provider, models: added.map(({ id }) => id) }, "models added");
        } catch (error) {
          deps.log?.warn({ provider, reason: messageOf(error) }, "the provider's model list could not be read");
        }
      }
    },
  };
}

/** Keeps the order of the catalogue: by provider, the known models before the ones that were only listed. */
function insertAfterProvider(
  catalogue: readonly CatalogueModel[],
  provider: KeyedProvider,
  added: readonly CatalogueModel[],
): CatalogueModel[] {
  const end = catalogue.findLastIndex((model) => model.provider === provider) + 1;
  return [...catalogue.slice(0, end), ...added, ...catalogue.slice(end)];
}

function toCatalogue(endpoint: Endpoint): CatalogueModel[] {
  return endpoint.models.map(({ id, name, contextTokens, outputTokens, pricing }) => ({
    ...{ id: `${endpoint.id}/${id}`, name: name ?? id, provider: endpoint.id, efforts: [] },
    ...{ contextTokens, outputTokens, pricing, scripted: false },
  }));
}
