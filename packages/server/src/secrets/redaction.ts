import type { RepositoryId } from "@background-agents/shared/ids";
import { createRedactor, type KnownValue, type Redactor } from "./redact.ts";

const RETIRED = 200;

export type Redaction = ReturnType<typeof createRedaction>;

/**
 * What is known of secret values, by repository: its secrets, the global ones it gets, and the server's own keys. A value
 * that was replaced or removed stays known until the server ends, since sandboxes that run were given it.
 */
export function createRedaction(deps: {
  /** Of a repository; without one, of all. */
  listSecrets: (repositoryId?: RepositoryId) => KnownValue[];
  /** Keys and tokens that are no secrets of the user's: none of them is ever in a sandbox, nor should it be anywhere. */
  listOthers: () => KnownValue[];
}) {
  const made = new Map<RepositoryId | "all", { others: string; redactor: Redactor }>();
  let retired: KnownValue[] = [];

  function get(repositoryId?: RepositoryId): Redactor {
    const place = repositoryId ?? "all";
    const others = deps.listOthers();
    const key = JSON.stringify(others);
    const known = made.get(place);
    if (known?.others === key) return known.redactor;
    const redactor = createRedactor([...deps.listSecrets(repositoryId), ...others, ...retired]);
    made.set(place, { others: key, redactor });
    return redactor;
  }

  return {
    /** For what a session of this repository says. */
    of: (repositoryId: RepositoryId): Redactor => get(repositoryId),
    /** For what belongs to no session alone: logs, and contents that sessions share. */
    ofAll: (): Redactor => get(),
    /** Secrets were changed; `before` are the values that were known until now. */
    refresh(before: readonly KnownValue[]): void {
      made.clear();
      const values = new Map([...retired, ...before].map((one) => [one.value, one]));
      retired = [...values.values()].slice(-RETIRED);
    },
  };
}
