import type { SessionId } from "@background-agents/shared/ids";
import type { CommentOutcome } from "@background-agents/shared/reviews/comment";
import { mapLinesRoughly, touches } from "@background-agents/shared/reviews/map-lines";
import { hunkText, type Hunk } from "@background-agents/shared/reviews/patch-hunks";
import type { Prompt } from "@background-agents/shared/sessions/session";
import type { EventLog } from "../events/event-log.ts";
import type { Clock } from "../lib/clock.ts";
import { createKeyedMutex } from "../lib/keyed-mutex.ts";
import type { SessionRecorder } from "../sessions/session-recorder.ts";
import type { SessionState } from "../sessions/session-state.ts";
import type { SessionStore } from "../sessions/session-store.ts";
import { decideComment, isOver } from "./comment-machine.ts";
import type { CommentPlaces } from "./comment-places.ts";
import { findSince, SINCE_EVENTS, type Since } from "./comment-since.ts";
import type { CommentStore, StoredComment } from "./comment-store.ts";
import { findAnswers } from "./find-answers.ts";

const HUNK_LIMIT = 32_000;

/**
 * Finds out, after each turn, which comments were dealt with: a turn changed their lines, or the agent answered them.
 * What neither is true of stays open. It looks at what is stored, so it may run at any time and any number of times.
 *
 * Lines count as changed when a turn rewrote or removed one of them or inserted between or right beside them. For lines
 * that were gone already (comments on what was removed), those that took their place count, or the two around the gap.
 */
export function createCommentTracking(deps: {
  comments: CommentStore;
  places: CommentPlaces;
  store: SessionStore;
  recorder: SessionRecorder;
  events: EventLog;
  clock: Clock;
}) {
  const { comments, store } = deps;
  const oneAtATime = createKeyedMutex();

  /** The comment's prompt, once its turn is over; one that was taken back never reached the agent. */
  function endedPrompt(state: SessionState, comment: StoredComment): Prompt | undefined {
    const prompt = comment.promptId === null ? undefined : store.findPrompt(comment.promptId);
    return prompt && prompt.status !== "cancelled" && isOver(prompt, state) ? prompt : undefined;
  }

  /** The hunks of turns since then that are about the comment's lines. */
  async function findHunks(state: SessionState, comment: StoredComment, since: Since): Promise<Hunk[]> {
    const { session } = state;
    const head = session.lastCommit ?? session.baseCommit;
    if (!since.byTurn || since.commit === head) return [];
    const of = { sessionId: session.id, repositoryId: session.repository.id };
    const { path, lines } = comment.anchor;
    const then = await deps.places.follow({ ...of, from: comment.commit, to: since.commit }, path);
    const now = await deps.places.follow({ ...of, from: since.commit, to: head }, then.path ?? path);
    // A file that was gone and is there again, or that went: the whole of it is the answer.
    if (then.path === null || now.path === null) return now.hunks.slice(0, 1);
    const range = mapLinesRoughly(
      then.hunks.flatMap(({ segments }) => segments),
      lines,
    );
    return now.hunks.filter(({ segments }) => segments.some((segment) => touches(segment, range)));
  }

  async function findOutcome(state: SessionState, comment: StoredComment): Promise<CommentOutcome | undefined> {
    const prompt = endedPrompt(state, comment);
    const events = deps.events.listOfTypes(state.session.id, [...SINCE_EVENTS]);
    const since = findSince(events, comment.id, state.session.baseCommit);
    if (!prompt || !since) return undefined;
    const { asked } = since;
    const said =
      prompt.turnId === null || asked === null ? [] : deps.events.listSaid(state.session.id, prompt.turnId, asked.seq);
    const answer = (asked !== null && findAnswers(said).get(asked.number)) || null;
    const hunks = await findHunks(state, comment, since);
    if (hunks.length > 0) {
      const { lastCheckpointId } = state.session;
      const checkpoint = lastCheckpointId && store.findCheckpoint(state.session.id, lastCheckpointId);
      const hunk = hunks.map((one) => hunkText(one, HUNK_LIMIT)).join("\n");
      return {
        checkpointId: lastCheckpointId,
        promptId: (checkpoint && checkpoint.promptId) || prompt.id,
        hunk: hunk.length > HUNK_LIMIT ? hunkText(hunks[0] as Hunk, HUNK_LIMIT) : hunk,
        answer,
      };
    }
    return answer === null ? undefined : { checkpointId: null, promptId: prompt.id, hunk: null, answer };
  }

  async function trackOnce(sessionId: SessionId): Promise<void> {
    for (const comment of comments.listSent(sessionId)) {
      const state = store.find(sessionId);
      if (!state || state.session.deletedAt) return;
      const outcome = await findOutcome(state, comment);
      if (outcome) record(sessionId, comment, outcome);
    }
  }

  function record(sessionId: SessionId, { id }: StoredComment, outcome: CommentOutcome): void {
    const status = outcome.hunk === null ? "answered" : "addressed";
    const at = deps.clock.now().toISOString();
    const decided = () => {
      const comment = comments.find(sessionId, id);
      return comment && decideComment(comment, { type: "settle", status, outcome }, at);
    };
    deps.recorder.record(
      sessionId,
      () => decided()?.events ?? [],
      () => {
        const comment = decided()?.comment;
        if (comment) comments.save(comment);
      },
    );
  }

  return {
    track: (sessionId: SessionId): Promise<void> => oneAtATime(sessionId, () => trackOnce(sessionId)),
  };
}
