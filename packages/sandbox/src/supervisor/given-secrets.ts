import { type ReportBody, SecretsGiven } from "@background-agents/shared/protocol/supervisor-frames";
import type { HubClient } from "./hub-client.ts";

const NAMES = 200;

/**
 * Fetches what the agent's processes get in their environment, anew at each start of them, and tells the names. Values
 * stay in memory only until the process has them. Without them the agent starts all the same, and the user is told.
 */
export function createGivenSecrets(deps: {
  hub: Pick<HubClient, "getText">;
  /** The server has secrets to give. */
  isAsked: boolean;
  report: (body: ReportBody) => void;
  /** What was to get them, at the beginning of a sentence. */
  to?: "The agent" | "The setup script";
}) {
  let told: string | undefined;

  return async function fetchSecrets(): Promise<Record<string, string>> {
    if (!deps.isAsked) return {};
    try {
      const text = await deps.hub.getText("/secrets");
      const env = text === undefined ? {} : SecretsGiven.parse(JSON.parse(text)).env;
      const names = Object.keys(env).slice(0, NAMES);
      if (told !== names.join()) deps.report({ kind: "secrets.given", names });
      told = names.join();
      return env;
    } catch {
      // Whatever is wrong with the answer: what it holds goes into no message.
      const message = `${deps.to ?? "The agent"} was started without the secrets: the server did not give them.`;
      deps.report({ kind: "notice", level: "warning", code: "secrets.missing", message });
      return {};
    }
  };
}
