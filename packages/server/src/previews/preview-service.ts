import type { SessionId } from "@background-agents/shared/ids";
import type { ListeningPort } from "@background-agents/shared/sessions/listening-port";
import type { Session } from "@background-agents/shared/sessions/session";
import { AppError } from "../lib/app-error.ts";
import type { SandboxManager } from "../sandboxes/sandbox-manager.ts";
import type { OpenPorts } from "./open-ports.ts";
import type { PreviewAddresses } from "./preview-addresses.ts";
import type { PreviewHub } from "./preview-hub.ts";

export type PreviewService = ReturnType<typeof createPreviewService>;

/** Addresses under which the agent's web applications can be looked at. */
export function createPreviewService(deps: {
  findSession: (id: SessionId) => Pick<Session, "archived" | "deletedAt"> | undefined;
  sandboxes: Pick<SandboxManager, "isConnected" | "isOutdated">;
  addresses: Pick<PreviewAddresses, "ensure">;
  ports: Pick<OpenPorts, "list">;
  hub: Pick<PreviewHub, "ensureListening">;
}) {
  const { sandboxes } = deps;

  function requireSession(id: SessionId): Pick<Session, "archived" | "deletedAt"> {
    const session = deps.findSession(id);
    if (!session) throw new AppError("session.not-found", "There is no such session.");
    return session;
  }

  return {
    /**
     * The address of a port, the same each time while it holds; nothing needs to listen there yet. Throws
     * `sandbox.not-running` and `preview.unavailable`.
     */
    async open(id: SessionId, port: number): Promise<{ sessionId: SessionId; port: number; url: string }> {
      const { archived, deletedAt } = requireSession(id);
      if (deletedAt !== null) throw new AppError("session.deleted", "The session is deleted: restore it first.");
      if (archived || !sandboxes.isConnected(id)) {
        throw new AppError("sandbox.not-running", "The session's sandbox does not run: start it to see its previews.");
      }
      if (sandboxes.isOutdated(id)) {
        throw new AppError(
          "sandbox.not-running",
          "The session's sandbox is from before previews came: once its turn has ended it is started anew.",
        );
      }
      const listening = await deps.hub.ensureListening();
      return {
        sessionId: id,
        port,
        url: `http://${deps.addresses.ensure({ sessionId: id, port })}.localhost:${listening}/`,
      };
    },

    listPorts(id: SessionId): ListeningPort[] {
      requireSession(id);
      return deps.ports.list(id);
    },
  };
}
