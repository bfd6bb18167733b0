import { newId } from "@background-agents/shared/ids";
import type { ChangedFile, Session } from "@background-agents/shared/sessions/session";
import { expect, it } from "vitest";
import type { RunningJob } from "../jobs/job-service.ts";
import { createPublishing, type PublishingDeps } from "./publishing.ts";

/** Work that goes on between the user's word and the job that was started by it. */

const [base, first, second] = ["0", "1", "2"].map((digit) => digit.repeat(40)) as [string, string, string];

it("checks out no files that tools execute which came between the request and its job", async () => {
  const repository = { id: newId("repository"), name: "user", path: "/nowhere" };
  let session: Session = {
    ...({} as Session),
    ...{
      id: newId("session"),
      branch: "agents/x",
      baseCommit: base,
      lastCommit: first,
      checkout: null,
      deletedAt: null,
    },
    repository,
  };
  const listed: Record<string, string> = { [first]: "package.json", [second]: ".envrc" };
  let work: (job: RunningJob) => Promise<string> = () => Promise.reject(new Error("no job was started"));
  const published: unknown[] = [];
  const publishing = createPublishing({
    ...({} as PublishingDeps),
    store: { find: () => ({ session }) } as never,
    jobs: { findKnown: () => undefined, run: (_order: unknown, given: typeof work) => void (work = given) } as never,
    quarantine: {
      path: () => "/nowhere",
      changes: ({ to }: { to: string }) =>
        Promise.resolve([{ ...({} as ChangedFile), path: listed[to] ?? "", status: "added" as const }]),
    } as never,
    redactorOf: () => ({ isEmpty: true }) as never,
    publisher: {
      publish(request) {
        published.push(request.commit);
        return Promise.resolve({ outcome: "conflicted" as const, reason: "far enough" });
      },
    },
    recorder: { record: () => undefined } as never,
  });
  const run = () => work({ ...({} as RunningJob), signal: new AbortController().signal, output: () => undefined });

  await publishing.checkOut(session.id, { acknowledgeExecuted: true, commit: first });
  session = { ...session, lastCommit: second };
  await expect(run()).rejects.toMatchObject({
    code: "work.executes",
    message: expect.stringContaining(".envrc"),
    details: { commit: second },
  });
  expect(published).toEqual([]);

  // The control: what the user has seen goes on its way.
  await publishing.checkOut(session.id, { acknowledgeExecuted: true, commit: second });
  await expect(run()).rejects.toMatchObject({ code: "branch.conflicted" });
  expect(published).toEqual([second]);
});
