import type { PermissionMode } from "@background-agents/shared/sessions/session";
import { type CatalogueModel, DEMO_MODEL_ID } from "@background-agents/shared/models/catalogue";
import type { Endpoint } from "@background-agents/shared/models/endpoint";
import {
  buildOpencodeEndpoint,
  buildOpencodeProviders,
  OPENCODE_PROVIDER_IDS,
} from "@background-agents/shared/models/opencode-providers";

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
  options: { llmRelayPort: number; permissionMode: PermissionMode; added: readonly Endpoint[] },
): Record<string, unknown> {
  const { llmRelayPort, permissionMode, added } = options;
  const endpoints = added.map((endpoint) => [
    endpoint.id,
    buildOpencodeEndpoint(endpoint, { catalogue, llmRelayPort }),
  ]);
  return {
    $schema: "https://opencode.ai/config.json",
    enabled_providers: [...OPENCODE_PROVIDER_IDS, ...added.map(({ id }) => id)],
    provider: { ...buildOpencodeProviders(catalogue, llmRelayPort), ...Object.fromEntries(endpoints) },
    // The small model writes titles nobody asked for: it must never be one that costs money.
    small_model: DEMO_MODEL_ID,
    permission: buildPermission(permissionMode),
    // OpenCode's own copies of the tree cost seconds in a big one; the supervisor's checkpoints do their work.
    snapshot: false,
    share: "disabled",
    autoupdate: false,
  };
}
