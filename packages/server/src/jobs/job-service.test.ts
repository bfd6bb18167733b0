import { newId, type SessionId } from "@background-agents/shared/ids";
import type { NewSessionEvent } from "@background-agents/shared/protocol/session-events";
import type { SessionFrame } from "@background-agents/shared/protocol/session-frames";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openDatabase, type Database } from "../db/database.ts";
import { AppError } from "../lib/app-error.ts";
import { systemClock } from "../lib/clock.ts";
import { createJobs, type RunningJob } from "./job-service.ts";
import { createJobStore } from "./job-store.ts";

let db: Database;
let events: NewSessionEvent[];
let frames: SessionFrame[];
const sessionId: SessionId = newId("session");

beforeEach(() => {
  db = openDatabase(":memory:");
  db.pragma("foreign_keys = OFF");
  events = [];
  frames = [];
});
afterEach(() => db.close());

function start() {
  const store = createJobStore({ db });
  const jobs = createJobs({
    redact: (_sessionId, text) => text.replaceAll("hunter22", "[secret PASSWORD]"),
    store,
    record(_id, added, also) {
      events.push(...added);
      also();
    },
    publish: (_id, frame) => void frames.push(frame),
    clock: systemClock,
    log: pino({ level: "silent" }),
  });
  return { store, jobs };
}

/** Resolves with the frame of the job's end. */
async function ended(check: () => boolean): Promise<void> {
  while (!check()) await new Promise((resolve) => setImmediate(resolve));
}
const isOver = () => frames.some((frame) => frame.type === "job" && frame.job.status !== "running");
const order = { sessionId, kind: "push" as const, summary: "push to https://ada:s3cret@host/a.git" };

describe("a job", () => {
  it("is recorded, tells what it prints without credentials, and ends with one line", async () => {
    const { jobs } = start();
    const job = jobs.run(order, (running) => {
      running.log("from https://ada:s3cret@host/a.git");
      running.output("Writing: 1%\rWriting: 2%\rWriting: 100%\nno line break\u001b[31m");
      return Promise.resolve("pushed to https://s3cret@host");
    });
    expect(job).toMatchObject({ status: "running", summary: "push to https://host/a.git" });
    await ended(isOver);
    expect(events.map(({ type }) => type)).toEqual(["job.started", "job.succeeded"]);
    const [listed] = jobs.list(sessionId);
    expect(listed).toMatchObject({ id: job.id, status: "succeeded", result: "pushed to https://host" });
    expect(listed?.log).toBe("from https://host/a.git\nWriting: 1%\nWriting: 100%\nno line break\n");
    const told = frames.flatMap((frame) => (frame.type === "job-log" ? [frame.text] : [])).join("");
    expect(told).toBe(listed?.log);
    expect(JSON.stringify([events, frames])).not.toContain("s3cret");
  });

  it("keeps the last 64 kB of its log", async () => {
    const { jobs } = start();
    jobs.run(order, (running) => {
      for (let line = 0; line < 3000; line += 1) running.log(`${line} ${"x".repeat(60)}`);
      return Promise.resolve("done");
    });
    await ended(isOver);
    const log = jobs.list(sessionId)[0]?.log ?? "";
    expect(log.length).toBe(64 * 1024);
    expect(log).toContain("2999 ");
  });

  it("fails with code, message and advice", async () => {
    const { jobs } = start();
    jobs.run(order, () =>
      Promise.reject(
        new AppError("push.rejected", "Not to https://x:y@host.", {
          details: { advice: "Fetch.", url: "https://host/c" },
        }),
      ),
    );
    await ended(isOver);
    expect(jobs.list(sessionId)[0]).toMatchObject({
      status: "failed",
      result: null,
      error: { code: "push.rejected", message: "Not to https://host.", advice: "Fetch.", url: "https://host/c" },
    });
  });

  it("is the same job for the same id, and no other kind of job", async () => {
    const { jobs } = start();
    const id = newId("job");
    let runs = 0;
    const work = () => Promise.resolve(`run ${(runs += 1)}`);
    jobs.run({ ...order, id }, work);
    expect(jobs.run({ ...order, id }, work).id).toBe(id);
    await ended(isOver);
    expect(jobs.run({ ...order, id }, work)).toMatchObject({ id, status: "succeeded", result: "run 1" });
    expect(() => jobs.run({ ...order, id, kind: "apply" }, work)).toThrow(/used for something else/);
  });

  it("runs alone of its kind", async () => {
    const { jobs } = start();
    let finish = (): void => undefined;
    const held = (): Promise<string> => new Promise((resolve) => (finish = () => resolve("done")));
    jobs.run(order, held);
    await ended(() => frames.length > 0);
    expect(() => jobs.run(order, held)).toThrow(/under way/);
    expect(jobs.run({ ...order, kind: "checkout" }, () => Promise.resolve("ok")).status).toBe("running");
    expect(jobs.listRunning(sessionId).length).toBeGreaterThan(0);
    await Promise.resolve();
    finish();
    await ended(() => jobs.listRunning(sessionId).length === 0);
    expect(jobs.run(order, () => Promise.resolve("again")).status).toBe("running");
  });

  const untilAborted = (running: RunningJob): Promise<string> =>
    new Promise((_resolve, reject) =>
      running.signal.addEventListener("abort", () => reject(new AppError("git.failed", "killed"))),
    );

  it("can be cancelled", async () => {
    const { jobs } = start();
    const job = jobs.run(order, untilAborted);
    await Promise.resolve();
    const cancelled = await jobs.cancel(sessionId, job.id);
    expect(cancelled).toMatchObject({ status: "failed", error: { code: "job.cancelled" } });
    expect(await jobs.cancel(sessionId, job.id)).toEqual(cancelled);
    await expect(jobs.cancel(newId("session"), job.id)).rejects.toMatchObject({ code: "job.not-found" });
  });

  it("ends with the server, and is ended by the next one where the server was killed", async () => {
    const first = start();
    const job = first.jobs.run(order, untilAborted);
    await Promise.resolve();
    // A server that was killed: nothing was written, and the next one finds the job running.
    const second = start();
    second.jobs.recover();
    expect(second.jobs.list(sessionId)[0]).toMatchObject({
      id: job.id,
      status: "failed",
      error: { code: "job.interrupted", advice: expect.stringContaining("Run it again") },
    });

    const other = second.jobs.run({ ...order, kind: "apply" }, untilAborted);
    await second.jobs.close();
    expect(second.store.find(other.id)).toMatchObject({ status: "failed", error: { code: "job.interrupted" } });
    expect(() => second.jobs.run(order, untilAborted)).toThrow(/stopping/);
    await first.jobs.close();
  });
});
