import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import type { BootId, CheckpointId, SessionId } from "@background-agents/shared/ids";
import type { Report, SandboxTask, SecretsGiven } from "@background-agents/shared/protocol/supervisor-frames";
import type {
  AgentGitCall,
  BundleUpload,
  EgressTunnel,
  LiveUpload,
  ModelCall,
  PreviewDial,
  RestoreWanted,
} from "./sandbox-hub.ts";
import type { TransientFrame } from "./supervisor-link.ts";

export interface SandboxEnd {
  boot: BootId;
  reason: string;
  exitCode: number | null;
  logTail: string;
  /** We asked for it. */
  expected: boolean;
  /** Absent: it just ended. `sandbox.unsafe`: it was not what was built for the session, and was removed. */
  code?: "sandbox.unsafe";
}

/** What the rooms above do when something happens in a sandbox; wired in app.ts. */
export interface SandboxCallbacks {
  onCreating(sessionId: SessionId, boot: BootId, task: SandboxTask): void;
  /** A container that outlived the server is ours again. */
  onAdopted(sessionId: SessionId): void;
  onConnected(sessionId: SessionId): void;
  onReport(sessionId: SessionId, boot: BootId, report: Report): void;
  lastReport(sessionId: SessionId, boot: BootId): number;
  onTransient(sessionId: SessionId, frame: TransientFrame): void;
  onBundle(sessionId: SessionId, upload: BundleUpload): Promise<unknown>;
  onLive(sessionId: SessionId, upload: LiveUpload): Promise<void>;
  onConversation(sessionId: SessionId, checkpointId: CheckpointId, body: IncomingMessage): Promise<void>;
  onRestore(sessionId: SessionId, wanted: RestoreWanted): Promise<Readable | undefined>;
  onBlob(sessionId: SessionId, hash: string, body: IncomingMessage): Promise<void>;
  /** What the processes of a container for `task` get. */
  onSecrets(sessionId: SessionId, task: SandboxTask): SecretsGiven;
  onModelRequest(sessionId: SessionId, call: ModelCall): void;
  onAgentGit(sessionId: SessionId, call: AgentGitCall): Promise<void>;
  onEgress(sessionId: SessionId, tunnel: EgressTunnel): void;
  onPreview(sessionId: SessionId, dial: PreviewDial): void;
  onEnd(sessionId: SessionId, end: SandboxEnd): void;
}
