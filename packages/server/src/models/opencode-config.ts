import type { PermissionRule } from "@background-agents/shared/sessions/permission-rule";
import type { PermissionMode } from "@background-agents/shared/sessions/session";
import { type CatalogueModel, DEMO_MODEL_ID } from "@background-agents/shared/models/catalogue";
import type { Endpoint } from "@background-agents/shared/models/endpoint";
import {
  buildOpencodeEndpoint,
  buildOpencodeProviders,
  OPENCODE_PROVIDER_IDS,
} from "@background-agents/shared/models/opencode-providers";

type Action = PermissionRule["action"];
/** By tool: what holds for all of its calls, or by pattern, where the last that fits wins. */
export type OpencodePermission = Record<string, Action | Record<string, Action>>;

const PERMISSIONS: Record<PermissionMode, OpencodePermission> = {
  // The sandbox is the guard, so nothing is asked; `question` is how the agent itself asks the user.
  auto: { "*": "allow", question: "allow" },
  ask: { "*": "allow", question: "allow", bash: "ask", edit: "ask", webfetch: "ask" },
  // A command may write, and no pattern tells surely which does: each is the user's to judge.
  plan: { "*": "allow", question: "allow", bash: "ask", edit: "deny" },
};

/**
 * OpenCode's permissions for a mode; a later entry wins, and `edit` stands for every tool that writes files. The rules
 * hold in the mode `ask`, in their order.
 */
export function buildPermission(mode: PermissionMode, rules: readonly PermissionRule[]): OpencodePermission {
  const permission = { ...PERMISSIONS[mode] };
  if (mode !== "ask") return permission;
  for (const { tool, pattern, action } of rules) {
    const known = permission[tool] ?? "ask";
    // A pattern that comes again stands where it came last: in OpenCode's object the order counts.
    const { [pattern]: _before, ...others } = typeof known === "string" ? { "*": known } : known;
    permission[tool] = { ...others, [pattern]: action };
  }
  return permission;
}

/**
 * OpenCode's whole configuration inside a container. It holds no secret: the key is a placeholder that the relay's
 * other end replaces. All providers are written, usable or not, so that a key added later works in a container that
 * is already running; the gateway refuses what has no key.
 */
export function buildOpencodeConfig(
  catalogue: readonly CatalogueModel[],
  options: {
    llmRelayPort: number;
    permissionMode: PermissionMode;
    permissionRules?: readonly PermissionRule[] | undefined;
    added: readonly Endpoint[];
  },
): Record<string, unknown> {
  const { llmRelayPort, permissionMode, permissionRules, added } = options;
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
    permission: buildPermission(permissionMode, permissionRules ?? []),
    // OpenCode's own copies of the tree cost seconds in a big one; the supervisor's checkpoints do their work.
    snapshot: false,
    share: "disabled",
    autoupdate: false,
  };
}
