import { randomBytes } from "node:crypto";
import type { SessionId } from "@background-agents/shared/ids";

/** What an address leads to. */
export interface PreviewTarget {
  sessionId: SessionId;
  /** On the container's own loopback. */
  port: number;
}

const LABEL_BYTES = 18;
const PER_SESSION = 100;

export type PreviewAddresses = ReturnType<typeof createPreviewAddresses>;

/**
 * Host labels that nobody can guess, one for each session and port: whoever knows one may look, so each is an origin of
 * its own and a key at once. Kept in memory only: after a restart the page asks for new ones.
 */
export function createPreviewAddresses() {
  const targets = new Map<string, PreviewTarget>();

  const labelsOf = (sessionId: SessionId): string[] =>
    [...targets].flatMap(([label, target]) => (target.sessionId === sessionId ? [label] : []));

  return {
    /** The label of that port, the same as long as it is not revoked. */
    ensure(target: PreviewTarget): string {
      const own = labelsOf(target.sessionId);
      const known = own.find((label) => targets.get(label)?.port === target.port);
      if (known !== undefined) return known;
      const oldest = own.at(-PER_SESSION);
      if (oldest !== undefined) targets.delete(oldest);
      const label = `p${randomBytes(LABEL_BYTES).toString("hex")}`;
      targets.set(label, target);
      return label;
    },

    find(label: string): PreviewTarget | undefined {
      return targets.get(label);
    },

    /** All of the session's addresses lead nowhere from now on. */
    revoke(sessionId: SessionId): void {
      for (const label of labelsOf(sessionId)) targets.delete(label);
    },
  };
}
