import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { SessionId } from "@background-agents/shared/ids";

export type VolumeOwners = ReturnType<typeof createVolumeOwners>;

/**
 * To whom the files in a session's volumes belong, where that is not the sandbox's own user: noted before it is changed,
 * so that a change that was cut off is made again. No note: the sandbox's own user, as the engine makes new volumes.
 */
export function createVolumeOwners(deps: { dataDir: string; defaultUser: string }) {
  const directory = join(deps.dataDir, "volume-owners");
  const pathOf = (sessionId: SessionId) => join(directory, sessionId);
  const write = (sessionId: SessionId, text: string): void => {
    mkdirSync(directory, { recursive: true });
    writeFileSync(pathOf(sessionId), text);
  };

  return {
    /** Makes the volumes the user's by `change`, where they are not. */
    async ensure(sessionId: SessionId, user: string, change: () => Promise<void>): Promise<void> {
      let owner = deps.defaultUser;
      try {
        owner = readFileSync(pathOf(sessionId), "utf8");
      } catch {
        // Never changed.
      }
      if (owner === user) return;
      write(sessionId, "changing");
      await change();
      write(sessionId, user);
    },
    forget(sessionId: SessionId): void {
      rmSync(pathOf(sessionId), { force: true });
    },
  };
}
