import { newId, type RepositoryId, type SessionId } from "@background-agents/shared/ids";
import { sessionBranch, titleFromPrompt } from "@background-agents/shared/git/branch-name";
import type {
  AnswerPermissionBody,
  CreateSessionBody,
  UpdateSessionBody,
} from "@background-agents/shared/protocol/commands";
import type { NewSessionEvent } from "@background-agents/shared/protocol/session-events";
import type { QuestionAnswers } from "@background-agents/shared/sessions/asking";
import type { Repository } from "@background-agents/shared/repositories/repository";
import type { Prompt, Session } from "@background-agents/shared/sessions/session";
import { AppError } from "../lib/app-error.ts";
import type { Clock } from "../lib/clock.ts";
import type { SettingService } from "../settings/setting-service.ts";
import { createIdQueue, hashOf, wasCreated } from "./creation-key.ts";
import { decide } from "./session-machine.ts";
import type { SessionEffects } from "./session-effects.ts";
import { createSessionPrompts, requireSession, type SessionPromptsDeps } from "./session-prompts.ts";
import { activePrompt, type SessionState } from "./session-state.ts";
import { decideSetupCancel, isAskedFor } from "./setup-machine.ts";

export interface SessionServiceDeps extends SessionPromptsDeps {
  effects: SessionEffects;
  clock: Clock;
  repositories: {
    require(idOrPath: string): Promise<Repository>;
  };
  mirrors: {
    ensureBase(order: {
      repositoryId: RepositoryId;
      repositoryPath: string;
      base: string;
    }): Promise<{ commit: string; name: string }>;
    pin(repositoryId: RepositoryId, sessionId: SessionId, commit: string): Promise<void>;
  };
  copiedFiles: {
    /** Paths of the ignored files that a session made now gets. */
    listPaths(repository: { id: RepositoryId; path: string }): Promise<string[]>;
  };
  /** What a new session begins with where its maker did not say. */
  settings: Pick<SettingService, "get">;
  /** The session may reach more or less than before. */
  onNetworkChanged?: ((sessionId: SessionId) => void) | undefined;
  models: SessionPromptsDeps["models"] & { defaultModel(): { id: string } };
}

export type SessionService = ReturnType<typeof createSessionService>;

/** The verbs of a session: validate, decide, record in one transaction, then let the effects follow. */
export function createSessionService(deps: SessionServiceDeps) {
  const { store, recorder, effects } = deps;
  const prompts = createSessionPrompts(deps);
  const requireState = (id: SessionId): SessionState => requireSession(store, id);
  const inTurn = createIdQueue();

  function requireModel(model: string, effort: string | null): void {
    deps.models.require(model, effort ?? undefined);
  }

  function defaultsFor(repositoryId: RepositoryId) {
    const { settings } = deps;
    return {
      publishMode: settings.get("git.publishMode", repositoryId),
      agentPush: settings.get("git.agentPush", repositoryId),
      permissionMode: settings.get("permissions.mode", repositoryId),
      networkMode: settings.get("network.mode", repositoryId),
    };
  }

  async function create(body: CreateSessionBody): Promise<Session> {
    if (body.id !== undefined && wasCreated(store, body.id, body)) return requireState(body.id).session;
    const model = body.model ?? deps.models.defaultModel().id;
    const effort = body.effort ?? null;
    requireModel(model, effort);
    const repository = await deps.repositories.require(body.repository);
    if (repository.problem !== null) throw new AppError("repository.unsupported", repository.problem);
    const base = body.baseBranch ?? repository.defaultBranch;
    if (!base) throw new AppError("repository.empty", "The repository has no commit yet: make a first commit.");
    const { commit, name: baseBranch } = await deps.mirrors.ensureBase({
      repositoryId: repository.id,
      repositoryPath: repository.path,
      base,
    });
    const copiedFiles = await deps.copiedFiles.listPaths(repository);
    const id = body.id ?? newId("session");
    await deps.mirrors.pin(repository.id, id, commit);

    const title = body.title ?? (body.prompt ? titleFromPrompt(body.prompt.text) : `Session on ${repository.name}`);
    const events: NewSessionEvent[] = [
      {
        type: "session.created",
        actor: "user",
        data: {
          title,
          repository: { id: repository.id, name: repository.name, path: repository.path },
          baseBranch,
          baseCommit: commit,
          branch: sessionBranch(title, id),
          model,
          effort,
          ...defaultsFor(repository.id),
          ...settingsOf(body),
          ...(body.budget && { budget: body.budget }),
          ...(copiedFiles.length > 0 && { copiedFiles }),
        },
      },
    ];
    if (body.prompt) {
      const promptId = prompts.takeId(body.prompt.id);
      const data = { text: body.prompt.text, mode: "queue" as const, model, effort };
      events.push({ type: "prompt.queued", actor: "user", promptId, data });
    }
    const { state } = recorder.recordNew(id, events, () => {
      if (body.id !== undefined) store.recordCreation(body.id, hashOf(body));
    });
    effects.advance(id);
    return state.session;
  }

  return {
    sendPrompt: prompts.send,
    updatePrompt: prompts.update,
    cancelPrompt: prompts.cancel,

    /** Makes a session on a repository's branch; with a prompt, its work begins at once. */
    create: (body: CreateSessionBody): Promise<Session> => inTurn(body.id, () => create(body)),

    get(id: SessionId): { session: Session; prompts: Prompt[] } {
      return { session: requireState(id).session, prompts: store.listPrompts(id) };
    },

    answerQuestion(id: SessionId, questionId: string, answers: QuestionAnswers): Session {
      const { state } = recorder.record(id, (now) => decide(now, { type: "question.answer", questionId, answers }));
      effects.sendAnswer(id, { type: "question.answer", questionId, answers });
      return state.session;
    },

    answerPermission(id: SessionId, permissionId: string, { reply, message }: AnswerPermissionBody): Session {
      const answer = { permissionId, reply, ...(message === undefined ? {} : { message }) };
      const { state } = recorder.record(id, (now) => decide(now, { type: "permission.answer", ...answer }));
      effects.sendAnswer(id, { type: "permission.answer", ...answer });
      return state.session;
    },

    update(id: SessionId, body: UpdateSessionBody): Session {
      const { seenSeq, lookedCheckpointId, ...changes } = body;
      const { session } = requireState(id);
      if (lookedCheckpointId !== undefined && !store.findCheckpoint(id, lookedCheckpointId)) {
        throw new AppError("checkpoint.not-found", "The session has no such checkpoint.");
      }
      if (changes.model !== undefined || (changes.effort !== undefined && changes.effort !== null)) {
        requireModel(changes.model ?? session.model, changes.effort === undefined ? session.effort : changes.effort);
      }
      const command = {
        type: "session.update" as const,
        ...(changes.title === undefined ? {} : { title: changes.title }),
        ...(changes.model === undefined ? {} : { model: changes.model }),
        ...(changes.effort === undefined ? {} : { effort: changes.effort }),
        ...(changes.archived === undefined ? {} : { archived: changes.archived }),
        ...settingsOf(changes),
      };
      const { state, events } = recorder.record(id, (now) => decide(now, command));
      // Work that waited for a publication by hand may be due now.
      if (changes.publishMode === "auto") effects.advance(id);
      if (events.some(({ type, data }) => type === "session.configured" && "networkMode" in data)) {
        deps.onNetworkChanged?.(id);
      }
      // Archived or not: the rooms above look at it.
      if (changes.archived !== undefined) effects.advance(id);
      if (lookedCheckpointId !== undefined) recorder.recordDetails(id, { lookedCheckpointId });
      if (seenSeq !== undefined) recorder.recordSeen(id, seenSeq);
      return seenSeq === undefined && lookedCheckpointId === undefined ? state.session : requireState(id).session;
    },

    delete(id: SessionId): void {
      recorder.record(id, (state) => [...stopOf(state), ...decide(state, { type: "session.delete" })]);
      effects.stopTurn(id);
      effects.advance(id);
    },

    restore(id: SessionId): Session {
      const { state } = recorder.record(id, (now) => decide(now, { type: "session.restore", now: deps.clock.now() }));
      effects.advance(id);
      return state.session;
    },

    /** Starts the sandbox again without a prompt. */
    resume(id: SessionId): Session {
      const { session } = requireState(id);
      if (session.deletedAt) throw new AppError("session.deleted", "The session is deleted: restore it first.");
      effects.resume(id);
      return session;
    },

    /** Ends the setup script where it runs, and the turn under way; where neither runs, takes back what is queued. */
    stop(id: SessionId): Session {
      const now = requireState(id);
      const { setup } = now.session;
      if (isAskedFor(setup) && !(now.task === "setup" && effects.sendSetup(id, "setup.stop"))) {
        const { state } = recorder.record(id, decideSetupCancel);
        effects.advance(id);
        return state.session;
      }
      const stopsSetup = setup?.status === "running" && (setup.apart || effects.sendSetup(id, "setup.stop"));
      // An agent could say of itself that it sets up: its turn ends all the same.
      if (stopsSetup && !activePrompt(now)) return now.session;
      const { state } = recorder.record(id, (now) => decide(now, { type: "turn.stop" }));
      effects.stopTurn(id);
      // Without a turn nothing else tells that the session has left the line.
      if (!activePrompt(state)) effects.advance(id);
      return state.session;
    },
  };
}

/** The settings that were given. */
function settingsOf({
  publishMode,
  agentPush,
  permissionMode,
  networkMode,
}: Pick<CreateSessionBody, "publishMode" | "agentPush" | "permissionMode" | "networkMode">) {
  return {
    ...(networkMode && { networkMode }),
    ...(publishMode && { publishMode }),
    ...(agentPush && { agentPush }),
    ...(permissionMode && { permissionMode }),
  };
}

/** A deleted session stops what it does and takes back what it was asked. */
function stopOf(state: SessionState): NewSessionEvent[] {
  if (state.session.deletedAt) return [];
  const cancelled: NewSessionEvent[] = state.prompts
    .filter((prompt) => prompt.status === "queued")
    .map((prompt) => ({ type: "prompt.cancelled", actor: "user", promptId: prompt.id, data: {} }));
  return activePrompt(state) ? [...decide(state, { type: "turn.stop" }), ...cancelled] : cancelled;
}
