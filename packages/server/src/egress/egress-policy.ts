import { HostRule, type NetworkMode } from "@background-agents/shared/egress/network";
import type { EgressTarget } from "./egress-target.ts";

/**
 * What a session may reach. `none`: nothing. `allowlist`: the rules. `open`: every public host. Private addresses are
 * refused in each, which is not part of the policy: no answer of the user changes it.
 */
export interface EgressPolicy {
  mode: NetworkMode;
  rules: readonly PolicyRule[];
}

export interface PolicyRule {
  host: string;
  /** Where not all that may be open at all. */
  ports?: readonly number[];
}

export interface PolicyRefusal {
  reason: string;
  /** Whether the user could let the host through. */
  allowable: boolean;
}

const PORTS = [443, 80];

/** Undefined when the target may be reached, else why not. Without a policy nothing is reached. */
export function findRefusal(policy: EgressPolicy | undefined, target: EgressTarget): PolicyRefusal | undefined {
  const { host, port } = target;
  if (!policy) return never("what this session may reach cannot be told");
  if (policy.mode === "none") return never("this sandbox has no network");
  if (!PORTS.includes(port)) return never(`port ${port} is refused: only 443 and 80 are open`);
  if (isLocalName(host)) return never(`${host} is a name of a local network`);
  switch (policy.mode) {
    case "open":
      return undefined;
    case "allowlist":
      if (policy.rules.some((rule) => fitsHostRule(rule.host, host) && (rule.ports ?? PORTS).includes(port))) {
        return undefined;
      }
      return {
        reason: isListed(policy, host)
          ? `${host} is reached by https, port 443, only`
          : `${host} is not on the list of allowed hosts`,
        allowable: HostRule.safeParse(host).success,
      };
    default:
      policy.mode satisfies never;
      return never("what this session may reach cannot be told");
  }
}

function never(reason: string): PolicyRefusal {
  return { reason, allowable: false };
}

/** Whether a rule of the policy names the host. */
export function isListed(policy: EgressPolicy, host: string): boolean {
  return policy.rules.some((rule) => fitsHostRule(rule.host, host));
}

/** Whether a rule (`api.example.com`, `*.example.com`) lets a host in lower case through. */
function fitsHostRule(rule: string, host: string): boolean {
  const name = rule.toLowerCase();
  if (!name.startsWith("*.")) return host === name;
  const suffix = name.slice(1);
  return suffix.length > 1 && host.length > suffix.length && host.endsWith(suffix);
}

/** Names that never mean a public host. Behind an upstream proxy nothing else would keep them from being asked for. */
function isLocalName(host: string): boolean {
  return !host.includes(".") || /\.(local|localhost|internal|intranet|lan|home\.arpa|invalid|test)$/.test(host);
}
