import type { JobId, PromptId, SessionId } from "@background-agents/shared/ids";
import type { Job } from "@background-agents/shared/jobs/job";
import type { SessionEvent } from "@background-agents/shared/protocol/session-events";
import type { SessionFrame } from "@background-agents/shared/protocol/session-frames";
import type { ListeningPort } from "@background-agents/shared/sessions/listening-port";
import type { LiveChanges } from "@background-agents/shared/sessions/session";
import type { Jobs } from "../jobs/job-service.ts";
import type { LiveParts } from "./live-parts.ts";
import type { SessionStore } from "./session-store.ts";

export interface SessionNewsDeps {
  store: Pick<SessionStore, "find" | "listPrompts" | "findPrompt">;
  live: Pick<LiveParts, "snapshot">;
  /** What the running turn has changed so far. */
  readLive: (sessionId: SessionId) => LiveChanges | null;
  jobs: Pick<Jobs, "list" | "listRunning">;
  /** What listens in the session's sandbox. */
  listPorts: (sessionId: SessionId) => ListeningPort[];
}

type LiveSnapshot = ReturnType<LiveParts["snapshot"]>;

/**
 * What one browser was told of a session beside its events. Between its snapshot and the moment it is told everything
 * as it happens, minutes can pass: a long history goes out as fast as it is read. `changes` tells what became different.
 */
export function createSessionNews(deps: SessionNewsDeps, sessionId: SessionId) {
  const told = new Map<SessionFrame["type"], string>();
  const toldJobs = new Map<JobId, string>();
  const touchedPrompts = new Set<PromptId>();
  const startedJobs = new Set<JobId>();
  let toldSeq = 0;
  let toldParts = new Map<string, { rev: number; length: number }>();
  let toldLog = new Set<LiveSnapshot["bootLog"][number]>();

  /** Whether the frame says something else than the last one of its type. */
  function isNews(frame: SessionFrame): boolean {
    const encoded = JSON.stringify(frame);
    const isNew = told.get(frame.type) !== encoded;
    told.set(frame.type, encoded);
    return isNew;
  }

  function isNewsOfJob(job: Job): boolean {
    const encoded = JSON.stringify(job);
    const isNew = toldJobs.get(job.id) !== encoded;
    toldJobs.set(job.id, encoded);
    return isNew;
  }

  function readState(): SessionFrame[] {
    const session = deps.store.find(sessionId)?.session;
    return [
      { type: "live", live: deps.readLive(sessionId) },
      { type: "ports", ports: deps.listPorts(sessionId) },
      ...(session ? [{ type: "session" as const, session }] : []),
    ];
  }

  function noteLive({ openParts, bootLog }: LiveSnapshot): void {
    toldParts = new Map(openParts.map(({ part }) => [part.partId, { rev: part.rev, length: part.text.length }]));
    toldLog = new Set(bootLog);
  }

  /** A part that grew is told by its addition: a page takes a part of the same revision only once. */
  function changesOfParts(openParts: LiveSnapshot["openParts"]): SessionFrame[] {
    return openParts.flatMap((open): SessionFrame[] => {
      const { partId, rev, text } = open.part;
      const known = toldParts.get(partId);
      if (known?.rev !== rev) return [{ type: "part", ...open }];
      if (text.length <= known.length) return [];
      return [{ type: "delta", partId, offset: known.length, text: text.slice(known.length) }];
    });
  }

  function changesOfJobs(): SessionFrame[] {
    if (toldJobs.size === 0 && startedJobs.size === 0) return [];
    return deps.jobs
      .list(sessionId)
      .filter((job) => toldJobs.has(job.id) || startedJobs.has(job.id))
      .filter(isNewsOfJob)
      .map((job) => ({ type: "job", job }));
  }

  return {
    /** Everything as it is now; undefined where the session is gone. */
    snapshot(): Extract<SessionFrame, { type: "snapshot" }> | undefined {
      const session = deps.store.find(sessionId)?.session;
      if (!session) return undefined;
      const live = deps.live.snapshot(sessionId);
      const jobs = deps.jobs.listRunning(sessionId);
      noteLive(live);
      readState().forEach(isNews);
      jobs.forEach(isNewsOfJob);
      toldSeq = session.lastSeq;
      return {
        type: "snapshot",
        session,
        prompts: deps.store.listPrompts(sessionId),
        lastSeq: session.lastSeq,
        ...live,
        live: deps.readLive(sessionId),
        jobs,
        ports: deps.listPorts(sessionId),
      };
    },

    /** Called for each event that the browser is told: those after the snapshot say what changed since. */
    note(event: SessionEvent): void {
      if (event.seq <= toldSeq) return;
      if (event.promptId !== undefined && event.type.startsWith("prompt.")) touchedPrompts.add(event.promptId);
      if (event.type === "job.started") startedJobs.add(event.data.jobId);
    },

    /** What differs from what was told last, which it is told with this. */
    changes(): SessionFrame[] {
      const live = deps.live.snapshot(sessionId);
      const prompts = [...touchedPrompts].flatMap((id) => deps.store.findPrompt(id) ?? []);
      const changes: SessionFrame[] = [
        ...prompts.map((prompt) => ({ type: "prompt" as const, prompt })),
        ...changesOfJobs(),
        ...changesOfParts(live.openParts),
        ...live.bootLog.filter((line) => !toldLog.has(line)).map((line) => ({ type: "log" as const, ...line })),
        ...readState().filter(isNews),
      ];
      touchedPrompts.clear();
      noteLive(live);
      return changes;
    },
  };
}
