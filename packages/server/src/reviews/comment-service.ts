import { newId, type CommentId, type SessionId } from "@background-agents/shared/ids";
import { PROMPT_TEXT_LIMIT } from "@background-agents/shared/protocol/commands";
import type {
  AddCommentBody,
  SendCommentsBody,
  UpdateCommentBody,
} from "@background-agents/shared/protocol/review-commands";
import type { ReviewComment, Sendable, SentReview } from "@background-agents/shared/reviews/comment";
import { mapLines } from "@background-agents/shared/reviews/map-lines";
import type { Prompt } from "@background-agents/shared/sessions/session";
import { AppError } from "../lib/app-error.ts";
import type { Clock } from "../lib/clock.ts";
import type { Quarantine } from "../repositories/quarantine.ts";
import { createIdQueue, hashOf, wasCreated } from "../sessions/creation-key.ts";
import type { SessionRecorder } from "../sessions/session-recorder.ts";
import type { SessionService } from "../sessions/session-service.ts";
import type { SessionStore } from "../sessions/session-store.ts";
import { decideComment, findSendable, sendComment, type CommentCommand } from "./comment-machine.ts";
import type { CommentPlaces, Followed } from "./comment-places.ts";
import type { CommentStore, StoredComment } from "./comment-store.ts";
import { composeReview } from "./compose-review.ts";
import type { Moments } from "./moments.ts";
import { quoteLines } from "./quote-lines.ts";

export interface CommentServiceDeps {
  comments: CommentStore;
  places: CommentPlaces;
  moments: Moments;
  store: SessionStore;
  recorder: SessionRecorder;
  sessions: Pick<SessionService, "sendPrompt">;
  quarantine: Pick<Quarantine, "content">;
  clock: Clock;
}

export type CommentService = ReturnType<typeof createCommentService>;

/** A review in words for the agent, and piece by piece for whoever looks at it. */
interface Composed {
  prompt: string;
  review: SentReview;
}

/** The verbs of review comments: validate, decide, record in one transaction. */
export function createCommentService(deps: CommentServiceDeps) {
  const { comments, moments, store, recorder, sessions } = deps;
  const now = () => deps.clock.now().toISOString();
  const inTurn = createIdQueue();

  /** The comment as it is shown: with the place of its lines in the last checkpoint. */
  async function show(stored: StoredComment): Promise<ReviewComment> {
    const { commit, ...comment } = stored;
    const { session } = moments.requireState(comment.sessionId);
    const { path, lines } = comment.anchor;
    const span = {
      ...{ sessionId: session.id, repositoryId: session.repository.id },
      ...{ from: commit, to: session.lastCommit ?? session.baseCommit },
    };
    const followed = await deps.places.follow(span, path).catch(forgotten);
    const segments = followed.hunks.flatMap((hunk) => hunk.segments);
    const there = followed.path === null ? null : mapLines(segments, lines);
    const sendable = sendableOf(stored);
    return {
      ...comment,
      ...(sendable && { sendable }),
      current: followed.path === null || there === null ? null : { path: followed.path, lines: there },
    };
  }

  function requireComment(sessionId: SessionId, id: CommentId): StoredComment {
    moments.requireState(sessionId);
    const comment = comments.find(sessionId, id);
    if (!comment) throw new AppError("comment.not-found", "There is no such comment in this session.");
    return comment;
  }

  function requireWritable(sessionId: SessionId): void {
    if (!moments.requireState(sessionId).session.deletedAt) return;
    throw new AppError("session.deleted", "The session is deleted: restore it first.");
  }

  function change(sessionId: SessionId, id: CommentId, command: CommentCommand): void {
    requireWritable(sessionId);
    const at = now();
    const decided = () => decideComment(requireComment(sessionId, id), command, at);
    recorder.record(
      sessionId,
      () => decided().events,
      () => {
        const { comment } = decided();
        if (comment) comments.save(comment);
        else comments.remove(id);
      },
    );
  }

  function sendableOf(comment: StoredComment): Sendable | undefined {
    const prompt = comment.promptId === null ? undefined : store.findPrompt(comment.promptId);
    return findSendable(comment, prompt, moments.requireState(comment.sessionId));
  }

  function chooseToSend(sessionId: SessionId, ids: CommentId[] | undefined): StoredComment[] {
    if (ids === undefined) return comments.list(sessionId).filter((comment) => sendableOf(comment) === "next");
    return [...new Set(ids)].map((id) => {
      const comment = requireComment(sessionId, id);
      if (sendableOf(comment)) return comment;
      const why = comment.status === "sent" ? "The agent has the comment already" : "The comment is closed: reopen it";
      throw new AppError("comment.not-draft", `${why} (${comment.status}).`);
    });
  }

  async function compose(message: string | undefined, chosen: readonly StoredComment[]): Promise<Composed> {
    const shown = await Promise.all(chosen.map(show));
    const composed = shown.map(({ anchor, current, text }) => ({
      ...{ text, quote: anchor.quote, side: anchor.side, path: anchor.path, lines: anchor.lines },
      // Lines on the old side are named as they were.
      ...(anchor.side === "new" && current),
      outdated: anchor.side === "new" && current === null,
    }));
    const prompt = composeReview(message, composed);
    const own = message?.trim();
    const comments = composed.map(({ path, side, lines, text, outdated }) => ({ path, side, lines, text, outdated }));
    if (prompt.length <= PROMPT_TEXT_LIMIT) return { prompt, review: { ...(own && { message: own }), comments } };
    const limit = PROMPT_TEXT_LIMIT.toLocaleString("en");
    throw new AppError(
      "request.invalid",
      `The review is longer than one prompt may be (${limit} characters): send fewer comments at once.`,
    );
  }

  async function add(sessionId: SessionId, body: AddCommentBody): Promise<ReviewComment> {
    const { path, side, lines, at, text } = body;
    requireWritable(sessionId);
    const key = { session: sessionId, ...body };
    if (wasCreated(store, body.id, key)) return show(requireComment(sessionId, body.id));
    const commit = moments.requireCommit(sessionId, at);
    const repositoryId = moments.requireState(sessionId).session.repository.id;
    const content = await deps.quarantine.content({ sessionId, repositoryId, commit, path });
    const comment: StoredComment = {
      ...{ id: body.id ?? newId("comment"), sessionId, text, status: "draft", commit },
      anchor: { path, side, lines, at, quote: quoteLines(content.bytes, lines) },
      ...{ promptId: null, outcome: null, createdAt: now(), sentAt: null, closedAt: null },
    };
    const shown = await show(comment);
    recorder.record(
      sessionId,
      () => [{ type: "comment.added", actor: "user", data: { comment: shown } }],
      () => {
        comments.save(comment);
        store.recordCreation(comment.id, hashOf(key));
      },
    );
    return shown;
  }

  return {
    /** All comments of the session, in the order they were made. */
    list(sessionId: SessionId): Promise<ReviewComment[]> {
      moments.requireState(sessionId);
      return Promise.all(comments.list(sessionId).map(show));
    },

    /** Adds a draft. The quoted lines are read from git: what the page showed is not taken on trust. */
    add: (sessionId: SessionId, body: AddCommentBody): Promise<ReviewComment> =>
      inTurn(body.id, () => add(sessionId, body)),

    async update(sessionId: SessionId, id: CommentId, { text, status }: UpdateCommentBody): Promise<ReviewComment> {
      if (text !== undefined) change(sessionId, id, { type: "edit", text });
      if (status !== undefined) change(sessionId, id, { type: status === "resolved" ? "resolve" : "reopen" });
      return show(requireComment(sessionId, id));
    },

    /** Throws a draft away. */
    remove(sessionId: SessionId, id: CommentId): void {
      change(sessionId, id, { type: "remove" });
    },

    /** Sends comments to the agent as one prompt; the same id and body again answer what was sent. */
    async send(sessionId: SessionId, body: SendCommentsBody): Promise<{ prompt: Prompt; comments: ReviewComment[] }> {
      const key = { session: sessionId, comments: body };
      const isRepeated = wasCreated(store, body.id, key);
      const chosen = isRepeated ? [] : chooseToSend(sessionId, body.commentIds);
      if (!isRepeated && chosen.length === 0) {
        throw new AppError("comment.nothing-to-send", "There is no comment to send: write one on a line of the diff.");
      }
      const composed = isRepeated ? undefined : await compose(body.message, chosen);
      const { id, mode } = body;
      const prompt = await sessions.sendPrompt(
        sessionId,
        { text: composed?.prompt ?? "", ...(id === undefined ? {} : { id }), ...(mode === undefined ? {} : { mode }) },
        {
          key,
          decide: (promptId) => {
            // Two at once: what one has sent, the other has not.
            chooseToSend(
              sessionId,
              chosen.map((comment) => comment.id),
            );
            const commentIds = chosen.map((comment) => comment.id);
            return [{ type: "comment.sent", actor: "user", promptId, data: { commentIds, review: composed?.review } }];
          },
          save: (promptId) => {
            const at = now();
            for (const comment of chosen) comments.save(sendComment(comment, promptId, at));
          },
        },
      );
      const sent = comments.list(sessionId).filter((comment) => comment.promptId === prompt.id);
      return { prompt, comments: await Promise.all(sent.map(show)) };
    },
  };
}

/** Of a session whose checkpoints were purged nothing can be followed any more. */
function forgotten(error: unknown): Followed {
  if (error instanceof AppError && error.code === "checkpoint.not-found") return { path: null, hunks: [] };
  throw error;
}
