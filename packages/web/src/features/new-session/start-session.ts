import type { Session } from "@background-agents/shared/sessions/session";
import type { Repository } from "@background-agents/shared/repositories/repository";
import { newId } from "@background-agents/shared/ids";
import { noteSession } from "../../api/fleet-store.ts";
import { createLostAnswers } from "../../api/lost-answers.ts";
import { createSession, isSessionOver } from "../../api/sessions-client.ts";
import type { ChosenOptions } from "./usual-options.ts";

const withSameIds = createLostAnswers({
  makeIds: () => ({ id: newId("session"), promptId: newId("prompt") }),
  wasOver: isSessionOver,
});

/**
 * Creates a session with its first prompt and puts it into the fleet at once; asked again after an answer got lost, it
 * is the same session, unless that is deleted or has had its first turn. Throws AppError where it is refused.
 */
export async function startSession(choice: {
  text: string;
  repository: Repository;
  branch: string | null;
  model: string;
  effort: string | null;
  options?: ChosenOptions;
}): Promise<Session> {
  const body = {
    repository: choice.repository.id,
    ...(choice.branch ? { baseBranch: choice.branch } : {}),
    model: choice.model,
    effort: choice.effort,
    ...choice.options,
  };
  const { text } = choice;
  const session = await withSameIds({ ...body, text }, ({ id, promptId }) =>
    createSession({ id, ...body, prompt: { id: promptId, text } }),
  );
  noteSession(session);
  return session;
}
