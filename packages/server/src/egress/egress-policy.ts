import type { EgressTarget } from "./egress-target.ts";
import type { EgressRule } from "./registry-preset.ts";

/** `none`: nothing. `allowlist`: the rules. `open`: every public host. Private addresses are refused in each. */
export type EgressMode = "none" | "allowlist" | "open";

const PORTS = [443, 80];

/** Undefined when the target may be reached, else why not. */
export function refusalReason(
  policy: { mode: EgressMode; rules: readonly EgressRule[] },
  target: EgressTarget,
): string | undefined {
  if (!PORTS.includes(target.port)) return `port ${target.port} is refused: only 443 and 80 are open`;
  switch (policy.mode) {
    case "open":
      return isLocalName(target.host) ? `${target.host} is a name of a local network` : undefined;
    case "none":
      return "this sandbox has no network";
    case "allowlist":
      if (policy.rules.some((rule) => fits(rule, target.host))) return undefined;
      return `${target.host} is not on the list of allowed hosts`;
    default:
      return policy.mode satisfies never;
  }
}

function fits(rule: EgressRule, host: string): boolean {
  const name = rule.host.toLowerCase();
  if (!name.startsWith("*.")) return host === name;
  const suffix = name.slice(1);
  return suffix.length > 1 && host.length > suffix.length && host.endsWith(suffix);
}

/** Names that never mean a public host. Behind an upstream proxy nothing else would keep them from being asked for. */
function isLocalName(host: string): boolean {
  return !host.includes(".") || /\.(local|localhost|internal|intranet|lan|home\.arpa|invalid|test)$/.test(host);
}
