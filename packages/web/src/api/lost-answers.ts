import { AppError } from "../lib/app-error.ts";

/** What the API answers where it cannot tell, or the page cannot know, whether the request was carried out. */
const UNKNOWN_OUTCOMES: readonly AppError["code"][] = ["api.unreachable", "api.unreadable", "server.internal"];

/**
 * Sends requests that make something under ids of the page's own. Where an answer got lost, the thing may have been
 * made: the same request asked next goes with the same ids, so that the API answers what it made and nothing is made
 * twice. What is asked otherwise, or asked after an answer came, gets ids of its own.
 */
export function createLostAnswers<Ids, Answer = unknown>(deps: {
  makeIds: () => Ids;
  /** Whether what was made has had its course, so that asking for it once more means a second one. */
  isOver?: (ids: Ids) => boolean;
  /** The same, where only the API can tell: asked with what it answers to ids that it was sent before. */
  wasOver?: (answer: Answer) => Promise<boolean>;
}) {
  let lost: { asked: string; ids: Ids } | null = null;

  return async <T extends Answer>(request: unknown, send: (ids: Ids) => Promise<T>): Promise<T> => {
    const asked = JSON.stringify(request);
    const repeats = lost?.asked === asked && !deps.isOver?.(lost.ids);
    let ids = lost && repeats ? lost.ids : deps.makeIds();
    lost = null;
    try {
      const answer = await send(ids);
      if (!repeats || !(await deps.wasOver?.(answer))) return answer;
      ids = deps.makeIds();
      return await send(ids);
    } catch (error) {
      if (!(error instanceof AppError) || UNKNOWN_OUTCOMES.includes(error.code)) lost = { asked, ids };
      throw error;
    }
  };
}
