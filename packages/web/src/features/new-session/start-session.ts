import type { Session } from "@background-agents/shared/sessions/session";
import type { Repository } from "@background-agents/shared/repositories/repository";
import { newId } from "@background-agents/shared/ids";
import { noteSession } from "../../api/fleet-store.ts";
import { createSession } from "../../api/sessions-client.ts";
import type { ChosenOptions } from "./usual-options.ts";

/** Creates a session with its first prompt and puts it into the fleet at once. Throws AppError where it is refused. */
export async function startSession(choice: {
  text: string;
  repository: Repository;
  branch: string | null;
  model: string;
  effort: string | null;
  options?: ChosenOptions;
}): Promise<Session> {
  const session = await createSession({
    id: newId("session"),
    repository: choice.repository.id,
    ...(choice.branch ? { baseBranch: choice.branch } : {}),
    model: choice.model,
    effort: choice.effort,
    ...choice.options,
    prompt: { id: newId("prompt"), text: choice.text },
  });
  noteSession(session);
  return session;
}
