import { sessionBranch, titleFromPrompt } from "@background-agents/shared/git/branch-name";
import { newId, SessionId } from "@background-agents/shared/ids";
import { PromptText } from "@background-agents/shared/protocol/commands";
import type { ForkBody } from "@background-agents/shared/protocol/review-commands";
import type { NewSessionEvent } from "@background-agents/shared/protocol/session-events";
import type { Checkpoint, Session } from "@background-agents/shared/sessions/session";
import { AppError } from "../lib/app-error.ts";
import { conversationOf } from "../sessions/conversation-of.ts";
import { createIdQueue, hashOf, wasCreated } from "../sessions/creation-key.ts";
import { listBases } from "./base-history.ts";
import type { TimeTravelDeps } from "./time-travel-deps.ts";

/** Begins a new session at a moment of another: its files, what its agent knew, its settings. */
export function createForkService(deps: TimeTravelDeps) {
  const { store } = deps;
  const { writer, quarantine } = deps.repositories;
  const inTurn = createIdQueue();

  function findOrigin(source: Session, body: ForkBody): Checkpoint | undefined {
    const id = body.checkpoint ?? source.lastCheckpointId;
    const found = id === null ? undefined : store.findCheckpoint(source.id, id);
    if (id !== null && !found) throw new AppError("checkpoint.not-found", "The session has no such checkpoint.");
    return found;
  }

  /** Brings what the checkpoint holds into the new session's quarantine; done again, it changes nothing. */
  async function copyCheckpoint(origin: Checkpoint, to: { id: SessionId; source: Session }): Promise<Checkpoint> {
    const { id: sessionId, source } = to;
    const checkpointId = newId("checkpoint");
    const place = { sessionId, repositoryId: source.repository.id, checkpointId };
    await writer.fork({ sessionId: source.id, checkpointId: origin.id }, place);
    const owner = conversationOf((one) => store.findCheckpoint(source.id, one), origin.id);
    if (owner !== null) {
      await quarantine.copyConversation({ sessionId: source.id, checkpointId: owner }, { sessionId, checkpointId });
    }
    const createdAt = deps.clock.now().toISOString();
    const { commit, changes } = origin;
    const of = { turnId: null, promptId: null, parentId: null };
    return { id: checkpointId, sessionId, origin: "fork", ...of, commit, changes, createdAt };
  }

  function promptEvents(body: ForkBody, { model, effort }: Pick<Session, "model" | "effort">): NewSessionEvent[] {
    if (body.prompt === undefined) return [];
    const text = PromptText.safeParse(body.prompt);
    if (!text.success) throw new AppError("request.invalid", text.error.issues[0]?.message ?? "The prompt is no text.");
    const data = { text: text.data, mode: "queue" as const, model, effort };
    return [{ type: "prompt.queued", actor: "user", promptId: newId("prompt"), data }];
  }

  async function fork(sourceId: SessionId, body: ForkBody): Promise<Session> {
    const given = body.id === undefined ? undefined : SessionId.safeParse(body.id);
    if (given && !given.success) throw new AppError("request.invalid", "id: must be a session's id.");
    const key = { fork: sourceId, ...body };
    if (given && wasCreated(store, given.data, key)) return deps.requireState(given.data).session;
    const { session: source } = deps.requireState(sourceId);
    if (source.deletedAt) throw new AppError("session.deleted", "The session is deleted: restore it first.");
    const model = body.model ?? source.model;
    const effort = body.effort === undefined ? (body.model === undefined ? source.effort : null) : body.effort;
    deps.models.require(model, effort ?? undefined);
    const origin = findOrigin(source, body);
    const prompts = promptEvents(body, { model, effort });

    const id = given?.data ?? newId("session");
    const { repository, publishMode, agentPush, permissionMode, networkMode, allowedHosts, budget } = source;
    const bases = listBases(deps.log, source.id);
    const base = origin && bases.length > 1 ? await writer.findBase(source.id, origin.commit, bases) : undefined;
    const { branch: baseBranch, commit: baseCommit } = base ?? {
      branch: source.baseBranch,
      commit: source.baseCommit,
    };
    await deps.repositories.mirrors.ensurePath({ id, repository, baseBranch, baseCommit });
    const checkpoint = origin && (await copyCheckpoint(origin, { id, source }));
    const copiedFiles = await deps.repositories.copiedFiles.listPaths(repository);
    const title = body.title ?? (body.prompt ? titleFromPrompt(body.prompt) : `Fork of ${source.title}`.slice(0, 200));
    const events: NewSessionEvent[] = [
      {
        type: "session.created",
        actor: "user",
        data: {
          ...{ title, repository, baseBranch, baseCommit, branch: sessionBranch(title, id), model, effort },
          ...{ publishMode, agentPush, permissionMode, networkMode },
          ...(budget && { budget }),
          ...(origin && { forkedFrom: { sessionId: source.id, checkpointId: origin.id, title: source.title } }),
          ...(copiedFiles.length > 0 && { copiedFiles }),
        },
      },
    ];
    if (allowedHosts.length > 0) {
      events.push({ type: "egress.configured", actor: "user", data: { hosts: allowedHosts } });
    }
    if (checkpoint) {
      const { commit, changes } = checkpoint;
      const data = { checkpointId: checkpoint.id, commit, ...changes, turn: changes, origin: "fork" as const };
      events.push({ type: "checkpoint.created", actor: "user", data });
    }
    const { state } = deps.recorder.recordNew(id, [...events, ...prompts], () => {
      if (checkpoint) store.recordCheckpoint(checkpoint);
      if (given) store.recordCreation(id, hashOf(key));
    });
    deps.effects.advance(id);
    return state.session;
  }

  return {
    /** Throws `checkpoint.not-found`, `session.deleted`, and what stands in the way of the model. */
    fork: (sourceId: SessionId, body: ForkBody): Promise<Session> => inTurn(body.id, () => fork(sourceId, body)),
  };
}
