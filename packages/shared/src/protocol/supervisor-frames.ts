import { z } from "zod";
import { BootId, CheckpointId, PromptId, SessionId, TurnId } from "../ids.ts";
import { PermissionAsked, PermissionReply, QuestionAnswers, QuestionAsked } from "../sessions/asking.ts";
import { ListeningPort } from "../sessions/listening-port.ts";
import { OpenPart, SettledPart, Todo } from "../sessions/part.ts";
import { BootPhase, CommitId } from "../sessions/session.ts";
import { SetupOutcome } from "../sessions/setup.ts";

/**
 * Frames on the hub's control socket (`/control`), between the supervisor in the container and the server.
 *
 * Up: `hello` first; then `report` frames, numbered from 1 within a boot, spooled on disk by the supervisor until the
 * server acked them after its COMMIT; and transient frames (`part`, `delta`, `log`) that may be lost.
 * Down: `welcome` answers `hello`; `ack` names the highest report stored; the rest are orders.
 * The server treats every frame as hostile input: the agent can speak as the supervisor.
 */

/** What a container is for: the agent, or the setup script alone. */
export const SandboxTask = z.enum(["agent", "setup"]);
export type SandboxTask = z.infer<typeof SandboxTask>;

/** Everything the supervisor needs to make the working tree and start the agent. Never holds a secret. */
export const SandboxSpec = z.object({
  sessionId: SessionId,
  title: z.string(),
  /** Name of the directory under /workspace. */
  directory: z.string().regex(/^[A-Za-z0-9._-]{1,100}$/),
  baseBranch: z.string(),
  baseCommit: CommitId,
  branch: z.string(),
  /** Author and committer of what the agent leaves uncommitted: the user's own. */
  identity: z.object({ name: z.string(), email: z.string() }),
  /** OPENCODE_CONFIG_CONTENT, whole: providers (at the relay), models, permissions. */
  opencodeConfig: z.record(z.string(), z.unknown()),
  /** Port on 127.0.0.1 in the container where the supervisor offers the model gateway: `/llm/<provider>`. */
  llmRelayPort: z.int(),
  /** Port on 127.0.0.1 in the container where the supervisor offers the egress proxy. */
  egressRelayPort: z.int(),
  /**
   * The session's last checkpoint. A supervisor that finds no tree makes it anew from there: the bundle from
   * `GET /restore/bundle` (absent where the commit is the base), the conversation from `GET /restore/conversation`. Both
   * take `?checkpoint=`; without it they give the last.
   */
  restore: z
    .object({
      checkpointId: CheckpointId,
      commit: CommitId,
      /** A new clone begins there because the session was forked from there: nothing was lost. */
      forked: z.boolean().optional(),
      /** False: the checkpoint has no conversation, so there is none to bring. */
      conversation: z.boolean().optional(),
    })
    .optional(),
  /**
   * The state that the user brought the work to, if ever: a workspace whose own generation is lower goes to `commit`
   * (ignored files stay) and, with `conversation`, to the conversation of the checkpoint (`null`: a new one).
   */
  restored: z
    .object({
      generation: z.int().positive(),
      checkpointId: CheckpointId.nullable(),
      commit: CommitId,
      conversation: z.boolean(),
      /** The last generation that brought another conversation: one of a lower generation is brought again. */
      conversationGeneration: z.int().nonnegative().optional(),
    })
    .optional(),
  /** Ignored files of the user's work tree: `GET /restore/files` gives them, as JSON lines `{ path, mode, content: base64 }`. */
  copiesFiles: z.boolean().optional(),
  /** `broker`: `git push`, `git fetch` and `gh` ask the server. `mount`: they use the user's credentials. `none`: neither. */
  gitCredentials: z.enum(["broker", "mount", "none"]).optional(),
  /** With `mount`: the address of the user's remote, which becomes the clone's `origin`. */
  originUrl: z.string().max(4096).optional(),
  /** The scripts of the settings; without one the repository's own file is looked for. Absent: no scripts at all. */
  setup: z
    .object({
      script: z.string().max(65_536).nullable(),
      start: z.string().max(65_536).nullable(),
      /** A setup script that prints nothing for so long is ended. */
      timeoutMs: z.int().positive(),
      /** The setup script runs (or ran) in a container of its own, which has secrets that the agent must not have. */
      elsewhere: z.boolean().optional(),
    })
    .optional(),
  /** `setup`: this container only makes the working tree and runs the setup script, reports `setup.ended` and exits. */
  task: SandboxTask.optional(),
  /** `GET /secrets` on the hub gives what the processes of this container get: `SecretsGiven`. Never written to disk. */
  hasSecrets: z.boolean().optional(),
  limits: z.object({
    /** A checkpoint with more new file data than this leaves the largest files out, with a notice. */
    checkpointBytes: z.int().positive(),
    /** Live output kept in an open part. */
    openOutputBytes: z.int().positive(),
    /** Settled output over this goes to a blob. */
    settledOutputBytes: z.int().positive(),
  }),
});
export type SandboxSpec = z.infer<typeof SandboxSpec>;

const ofTurn = { promptId: PromptId, turnId: TurnId };

export const ReportBody = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("boot.phase"), phase: BootPhase, message: z.string().max(2000).optional() }),
  z.object({ kind: z.literal("boot.ready"), opencodeVersion: z.string().max(100), bootMs: z.number().nonnegative() }),
  z.object({
    kind: z.literal("boot.failed"),
    phase: BootPhase,
    message: z.string().max(4000),
    logTail: z.string().max(16_384),
  }),
  z.object({ kind: z.literal("turn.started"), ...ofTurn, messageId: z.string().max(200) }),
  z.object({ kind: z.literal("part.settled"), ...ofTurn, part: SettledPart }),
  z.object({
    kind: z.literal("retry.scheduled"),
    ...ofTurn,
    attempt: z.int(),
    message: z.string().max(4000),
    nextAt: z.iso.datetime(),
  }),
  z.object({ kind: z.literal("question.asked"), ...ofTurn, ...QuestionAsked.shape }),
  /** The agent no longer waits for this answer: it was given, or the tool that asked is gone. */
  z.object({
    kind: z.literal("question.closed"),
    ...ofTurn,
    questionId: z.string().max(200),
    answers: QuestionAnswers,
  }),
  z.object({ kind: z.literal("permission.asked"), ...ofTurn, ...PermissionAsked.shape }),
  z.object({
    kind: z.literal("permission.closed"),
    ...ofTurn,
    permissionId: z.string().max(200),
    reply: PermissionReply,
    message: z.string().max(8000).optional(),
  }),
  /** A steering prompt (`promptId`) joined the running turn. */
  z.object({ kind: z.literal("prompt.steered"), ...ofTurn, messageId: z.string().max(200) }),
  z.object({ kind: z.literal("stop.escalated"), ...ofTurn, step: z.literal("restart-agent"), afterMs: z.number() }),
  z.object({ kind: z.literal("todo.updated"), ...ofTurn, todos: z.array(Todo).max(500) }),
  /** The agent is idle; the supervisor commits, bundles and uploads. */
  z.object({ kind: z.literal("turn.saving"), ...ofTurn }),
  z.object({
    kind: z.literal("turn.ended"),
    ...ofTurn,
    outcome: z.enum(["completed", "interrupted", "failed"]),
    error: z.object({ code: z.string().max(100), message: z.string().max(4000) }).optional(),
    /** The checkpoint that the server acknowledged as imported; absent when saving failed. */
    checkpointId: CheckpointId.optional(),
    saveError: z.string().max(4000).optional(),
    durationMs: z.number().nonnegative(),
  }),
  z.object({ kind: z.literal("setup.started"), source: z.enum(["file", "settings"]), again: z.boolean().optional() }),
  z.object({
    kind: z.literal("setup.ended"),
    outcome: SetupOutcome,
    exitCode: z.int().nullable(),
    durationMs: z.number().nonnegative(),
    logTail: z.string().max(16_384),
  }),
  /** Names of the secrets that the agent's processes, or the setup script in a container of its own, were started with. */
  z.object({ kind: z.literal("secrets.given"), names: z.array(z.string().max(100)).max(200) }),
  /** The workspace is at this generation now, or could not be brought there. */
  z.object({
    kind: z.literal("work.restored"),
    generation: z.int().positive(),
    error: z.string().max(4000).optional(),
  }),
  z.object({
    kind: z.literal("notice"),
    promptId: PromptId.optional(),
    turnId: TurnId.optional(),
    level: z.enum(["info", "warning", "error"]),
    code: z.string().max(100),
    message: z.string().max(4000),
  }),
]);
export type ReportBody = z.infer<typeof ReportBody>;

export const Report = z.object({
  type: z.literal("report"),
  /** Number of the report within this boot, contiguous from 1. */
  report: z.int().positive(),
  /** When it happened by the container's clock. */
  at: z.iso.datetime(),
  body: ReportBody,
});
export type Report = z.infer<typeof Report>;

/** Supervisor to server. */
export const SupervisorFrame = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("hello"),
    /** Versions that the server does not serve are refused with the reason. */
    protocolVersion: z.int(),
    boot: BootId,
    /** Prompts this workspace has accepted and not ended: the server delivers nothing twice. */
    openPromptId: PromptId.optional(),
  }),
  Report,
  /** What listens on the container's loopback now, without the supervisor's own; transient. */
  z.object({
    type: z.literal("ports"),
    ports: z.array(ListeningPort).max(100),
  }),
  z.object({ type: z.literal("part"), promptId: PromptId, part: OpenPart }),
  z.object({
    type: z.literal("delta"),
    promptId: PromptId,
    partId: z.string().max(128),
    offset: z.int().nonnegative(),
    text: z.string(),
  }),
  z.object({ type: z.literal("log"), phase: BootPhase, text: z.string() }),
  z.object({ type: z.literal("pong") }),
]);
export type SupervisorFrame = z.infer<typeof SupervisorFrame>;

/** Server to supervisor. */
export const HubFrame = z.discriminatedUnion("type", [
  z.object({ type: z.literal("welcome"), protocolVersion: z.int().positive(), spec: SandboxSpec }),
  z.object({ type: z.literal("refused"), message: z.string() }),
  z.object({ type: z.literal("ack"), report: z.int().nonnegative() }),
  z.object({
    type: z.literal("prompt.deliver"),
    ...ofTurn,
    text: z.string(),
    /** OpenCode's provider and model ids. */
    model: z.object({ providerID: z.string(), modelID: z.string() }),
    /** Reasoning effort, OpenCode's `variant`. */
    effort: z.string().optional(),
    /** OpenCode's permissions for this turn; an agent that runs with others is started anew first. */
    permission: z.record(z.string(), z.unknown()).optional(),
    /**
     * OpenCode's configuration of the turn's provider, where the user added it: what of it the agent did not start with
     * it is started anew for.
     */
    provider: z.record(z.string(), z.unknown()).optional(),
  }),
  /** A prompt for the turn that runs; where none runs any more the server delivers it again as one of its own. */
  z.object({ type: z.literal("prompt.steer"), ...ofTurn, text: z.string() }),
  z.object({ type: z.literal("turn.stop"), turnId: TurnId }),
  /** See `SandboxSpec.restored`. Sent only while no turn runs; the next prompt comes after it. */
  z.object({
    type: z.literal("work.restore"),
    generation: z.int().positive(),
    checkpointId: CheckpointId.nullable(),
    commit: CommitId,
    conversation: z.boolean(),
    conversationGeneration: z.int().nonnegative().optional(),
  }),
  z.object({ type: z.literal("question.answer"), questionId: z.string(), answers: QuestionAnswers }),
  z.object({
    type: z.literal("permission.answer"),
    permissionId: z.string(),
    reply: PermissionReply,
    message: z.string().optional(),
  }),
  /** Runs the setup script again; only between turns. */
  z.object({ type: z.literal("setup.run") }),
  /** Ends the setup script that runs; at once, also while the sandbox boots. */
  z.object({ type: z.literal("setup.stop") }),
  /**
   * Dial `/preview/<tunnelId>` on the hub (an upgrade to `background-agents-preview`) and join it to this port on the
   * container's loopback; `DELETE /preview/<tunnelId>` where nothing listens there.
   */
  z.object({ type: z.literal("preview.connect"), tunnelId: z.string(), port: z.int().min(1).max(65_535) }),
  /** Finish the snapshot, end the agent, exit 0. */
  z.object({ type: z.literal("shutdown") }),
  z.object({ type: z.literal("ping") }),
]);
export type HubFrame = z.infer<typeof HubFrame>;

/** Answer of `GET /secrets` on the hub: environment variables for the agent, or for the setup script. */
export const SecretsGiven = z.object({ env: z.record(z.string(), z.string()) });
export type SecretsGiven = z.infer<typeof SecretsGiven>;

/** Answer of `PUT /bundle/:checkpointId` on the hub. */
export const BundleAnswer = z.object({ commit: CommitId, files: z.int(), additions: z.int(), deletions: z.int() });
export type BundleAnswer = z.infer<typeof BundleAnswer>;

/**
 * `PUT /live/<turnId>?commit=` takes a bundle of the working tree while the turn runs, from the base or from what was
 * sent before; it answers 204 and replaces the one before.
 */

/** The one ref a checkpoint's bundle carries. */
export const BUNDLE_REF = "refs/background-agents/head";

/** Paths and variables as the container sees them. */
export const CONTAINER_PATHS = {
  workspace: "/workspace",
  state: "/state",
  mirror: "/mirror.git",
  hub: "/run/hub",
  hubSocket: "/run/hub/hub.sock",
  tokenFile: "/run/hub/token",
} as const;

/** Environment of the supervisor: where the hub is (`unix:<path>` or `tcp:<host>:<port>`) and which boot this is. */
export const SUPERVISOR_ENV = { hub: "BACKGROUND_AGENTS_HUB", boot: "BACKGROUND_AGENTS_BOOT" } as const;
