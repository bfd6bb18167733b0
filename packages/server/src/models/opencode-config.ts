import type { PermissionMode } from "@background-agents/shared/sessions/session";
import {
  type CatalogueModel,
  DEMO_MODEL_ID,
  type ProviderId,
  splitModelId,
} from "@background-agents/shared/models/catalogue";

/** What OpenCode needs to reach each provider; `demo` is its Anthropic adapter under another name. */
const PROVIDERS: Record<ProviderId, { npm?: string; name: string }> = {
  anthropic: { name: "Anthropic" },
  openai: { name: "OpenAI" },
  demo: { npm: "@ai-sdk/anthropic", name: "Demo (scripted)" },
};

export type OpencodePermission = Record<string, "allow" | "ask" | "deny">;

const PERMISSIONS: Record<PermissionMode, OpencodePermission> = {
  // The sandbox is the guard, so nothing is asked; `question` is how the agent itself asks the user.
  auto: { "*": "allow", question: "allow" },
  ask: { "*": "allow", question: "allow", bash: "ask", edit: "ask", webfetch: "ask" },
  // A command may write, and no pattern tells surely which does: each is the user's to judge.
  plan: { "*": "allow", question: "allow", bash: "ask", edit: "deny" },
};

/** OpenCode's permissions for a mode; a later entry wins, and `edit` stands for every tool that writes files. */
export function buildPermission(mode: PermissionMode): OpencodePermission {
  return PERMISSIONS[mode];
}

/**
 * OpenCode's whole configuration inside a container. It holds no secret: the key is a placeholder that the relay's
 * other end replaces. All providers are written, usable or not, so that a key added later works in a container that
 * is already running; the gateway refuses what has no key.
 */
export function buildOpencodeConfig(
  catalogue: readonly CatalogueModel[],
  options: { llmRelayPort: number; permissionMode: PermissionMode },
): Record<string, unknown> {
  const { llmRelayPort, permissionMode } = options;
  const ids: ProviderId[] = ["anthropic", "openai", "demo"];
  const providers = ids.map((id) => [
    id,
    {
      ...PROVIDERS[id],
      options: { baseURL: `http://127.0.0.1:${llmRelayPort}/llm/${id}/v1`, apiKey: "added-outside-the-container" },
      models: Object.fromEntries(
        catalogue
          .filter((model) => model.provider === id)
          .map((model) => [splitModelId(model.id).model, describe(model)]),
      ),
    },
  ]);
  return {
    $schema: "https://opencode.ai/config.json",
    enabled_providers: ids,
    provider: Object.fromEntries(providers),
    // The small model writes titles nobody asked for: it must never be one that costs money.
    small_model: DEMO_MODEL_ID,
    permission: buildPermission(permissionMode),
    // OpenCode's own copies of the tree cost seconds in a big one; the supervisor's checkpoints do their work.
    snapshot: false,
    share: "disabled",
    autoupdate: false,
  };
}

function describe(model: CatalogueModel): Record<string, unknown> {
  return {
    name: model.name,
    tool_call: true,
    reasoning: model.efforts.length > 0,
    limit: { context: model.contextTokens, output: model.outputTokens },
    ...(model.pricing && {
      cost: {
        input: model.pricing.inputUsd,
        output: model.pricing.outputUsd,
        cache_read: model.pricing.cacheReadUsd,
        cache_write: model.pricing.cacheWriteUsd,
      },
    }),
  };
}
