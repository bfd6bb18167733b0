import { newId, type JobId, type SessionId } from "@background-agents/shared/ids";
import type { Job, JobError, JobKind } from "@background-agents/shared/jobs/job";
import type { NewSessionEvent } from "@background-agents/shared/protocol/session-events";
import type { SessionFrame } from "@background-agents/shared/protocol/session-frames";
import { AppError, messageOf } from "../lib/app-error.ts";
import type { Clock } from "../lib/clock.ts";
import { hideCredentials } from "../lib/hide-credentials.ts";
import type { Log } from "../lib/logger.ts";
import { createJobLog, type JobLog } from "./job-log.ts";
import type { JobStore } from "./job-store.ts";

export interface JobOrder {
  sessionId: SessionId;
  /** Made by the client; the same id gives the same job. */
  id?: JobId | undefined;
  kind: JobKind;
  /** One line: what it does. */
  summary: string;
}

/** What the work of a job is given. */
export interface RunningJob {
  id: JobId;
  /** Aborted when the job is cancelled or the server closes: end what was started, then throw. */
  signal: AbortSignal;
  /** Prints lines of the job's own. */
  log(line: string): void;
  /** Takes what a process prints, piece by piece. */
  output(piece: string): void;
}

export type Jobs = ReturnType<typeof createJobs>;

const LISTED = 50;
const SAVE_LOG_EVERY_MS = 2000;

const INTERRUPTED: JobError = {
  code: "job.interrupted",
  message: "The server ended while this ran.",
  advice: "Run it again: nothing is done twice.",
  url: null,
};

const CANCELLED: JobError = {
  code: "job.cancelled",
  message: "You cancelled this.",
  advice: "Run it again when you like: nothing is done twice.",
  url: null,
};

interface Active {
  job: Job;
  log: JobLog;
  abort: AbortController;
  cancelled: boolean;
  savedAt: number;
  done: Promise<void>;
}

/**
 * Work that the server does beside the turns, each with a log to watch. Jobs hold no lock that stops, deletes or turns
 * would wait for. The work must be safe to run again: a server that is killed leaves it half done and says so.
 */
export function createJobs(deps: {
  store: JobStore;
  /** Records events and what `also` writes in one transaction. */
  record: (sessionId: SessionId, events: NewSessionEvent[], also: () => void) => void;
  publish: (sessionId: SessionId, frame: SessionFrame) => void;
  /** Takes known secret values out of what is said in a session. */
  redact: (sessionId: SessionId, text: string) => string;
  clock: Clock;
  log: Log;
}) {
  const { store, clock } = deps;
  const active = new Map<JobId, Active>();
  const hiderOf = (sessionId: SessionId) => (text: string) => deps.redact(sessionId, hideCredentials(text));
  const now = () => clock.now().toISOString();
  let closed = false;

  function finish(job: Job, log: string, outcome: { result: string } | { error: JobError }): void {
    const { id: jobId, sessionId, kind } = job;
    const error = "error" in outcome ? outcome.error : null;
    const result = "result" in outcome ? outcome.result : null;
    const event: NewSessionEvent =
      error === null
        ? { type: "job.succeeded", actor: "server", data: { jobId, kind, result: result ?? "" } }
        : { type: "job.failed", actor: "server", data: { jobId, kind, error } };
    deps.record(sessionId, [event], () => store.end(jobId, { result, error, log, endedAt: now() }));
    const ended = store.find(jobId);
    if (ended) deps.publish(sessionId, { type: "job", job: ended });
  }

  async function perform(entry: Active, work: (job: RunningJob) => Promise<string>): Promise<void> {
    const { job, log, abort } = entry;
    const hide = hiderOf(job.sessionId);
    let outcome: { result: string } | { error: JobError };
    try {
      const running: RunningJob = {
        id: job.id,
        signal: abort.signal,
        log: (line) => log.line(line),
        output: (piece) => log.write(piece),
      };
      // Not before the caller has its answer: a job is always seen running first.
      await Promise.resolve();
      abort.signal.throwIfAborted();
      const result = await work(running);
      outcome = { result: hide(result) };
    } catch (error) {
      outcome = { error: closed ? INTERRUPTED : entry.cancelled ? CANCELLED : toJobError(error, hide) };
    }
    log.end();
    active.delete(job.id);
    try {
      finish(job, log.text, outcome);
    } catch (error) {
      deps.log.error({ jobId: job.id, error: messageOf(error) }, "the end of a job could not be recorded");
    }
  }

  function current(entry: Active): Job {
    return { ...entry.job, log: entry.log.text };
  }

  return {
    /**
     * Starts the work and gives the job as recorded. `work` answers with one line: what came of it; what it throws is
     * the job's failure (`details.advice` and `details.url` of an AppError are shown). Throws `id.conflict`, and
     * `session.busy` where a job of this kind runs already.
     */
    run(order: JobOrder, work: (job: RunningJob) => Promise<string>): Job {
      const { sessionId, kind, summary } = order;
      const known = order.id === undefined ? undefined : this.findKnown(sessionId, order.id, kind);
      if (known) return known;
      if (closed) throw new AppError("server.stopping", "The server is stopping: try again when it runs.");
      if ([...active.values()].some(({ job }) => job.sessionId === sessionId && job.kind === kind)) {
        throw new AppError("session.busy", `The session has a ${kind} under way: wait for it, or cancel it.`);
      }
      const job: Job = {
        id: order.id ?? newId("job"),
        sessionId,
        kind,
        status: "running",
        summary: hiderOf(sessionId)(summary),
        result: null,
        error: null,
        log: "",
        startedAt: now(),
        endedAt: null,
      };
      const jobId = job.id;
      deps.record(
        sessionId,
        [{ type: "job.started", actor: "user", data: { jobId, kind, summary: job.summary } }],
        () => store.insert(job),
      );
      const log = createJobLog({
        now: () => clock.now().getTime(),
        redact: (line) => deps.redact(sessionId, line),
        onText(text) {
          deps.publish(sessionId, { type: "job-log", jobId, text });
          const at = clock.now().getTime();
          if (Math.abs(at - entry.savedAt) < SAVE_LOG_EVERY_MS) return;
          entry.savedAt = at;
          store.saveLog(jobId, log.text);
        },
      });
      const abort = new AbortController();
      const entry: Active = { job, log, abort, cancelled: false, savedAt: 0, done: Promise.resolve() };
      active.set(jobId, entry);
      deps.publish(sessionId, { type: "job", job });
      entry.done = perform(entry, work);
      return current(entry);
    },

    /** The job that was made with this id before, if any. Throws `id.conflict` where that was another kind of job. */
    findKnown(sessionId: SessionId, id: JobId, kind: JobKind): Job | undefined {
      const entry = active.get(id);
      const known = entry ? current(entry) : store.find(id);
      if (known && (known.sessionId !== sessionId || known.kind !== kind)) {
        throw new AppError("id.conflict", `The id ${id} was used for something else: make a new one.`);
      }
      return known;
    },

    /** Ends the job's work; the job ends as failed. One that ended already stays as it is. Throws `job.not-found`. */
    async cancel(sessionId: SessionId, id: JobId): Promise<Job> {
      const entry = active.get(id);
      if (entry?.job.sessionId === sessionId) {
        entry.cancelled = true;
        entry.abort.abort();
        await entry.done;
      }
      const job = store.find(id);
      if (job?.sessionId !== sessionId) throw new AppError("job.not-found", "There is no such job in this session.");
      return job;
    },

    /** The session's last 50 jobs, newest first. */
    list(sessionId: SessionId): Job[] {
      return store.list(sessionId, LISTED).map((job) => {
        const entry = active.get(job.id);
        return entry ? current(entry) : job;
      });
    },

    /** The session's jobs that run, with their logs so far. */
    listRunning(sessionId: SessionId): Job[] {
      return [...active.values()].filter(({ job }) => job.sessionId === sessionId).map(current);
    },

    /** At start: jobs that a server before this one left running have failed. */
    recover(): void {
      for (const job of store.listRunning()) {
        if (!active.has(job.id)) finish(job, job.log, { error: INTERRUPTED });
      }
    },

    /** Ends all work and waits for it. */
    async close(): Promise<void> {
      closed = true;
      for (const { abort } of active.values()) abort.abort();
      await Promise.all([...active.values()].map(({ done }) => done));
    },
  };
}

/** What the user sees of a failure: code and message, and advice and a link where the error has them. */
function toJobError(error: unknown, hide: (text: string) => string): JobError {
  const { code, details } =
    error instanceof AppError ? error : { code: "server.internal" as const, details: undefined };
  const more = typeof details === "object" && details !== null ? details : {};
  const textOf = (value: unknown) => (typeof value === "string" ? hide(value) : null);
  return {
    code,
    message: hide(messageOf(error)),
    advice: textOf("advice" in more ? more.advice : null),
    url: textOf("url" in more ? more.url : null),
  };
}
