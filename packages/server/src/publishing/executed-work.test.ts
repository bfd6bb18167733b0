import { newId } from "@background-agents/shared/ids";
import type { ChangedFile, Session } from "@background-agents/shared/sessions/session";
import { expect, it } from "vitest";
import { createExecutedWork } from "./executed-work.ts";

const [base, first, second] = ["0", "1", "2"].map((digit) => digit.repeat(40)) as [string, string, string];

const make = () =>
  createExecutedWork({
    listChanges: () =>
      Promise.resolve([
        { ...({} as ChangedFile), path: "package.json", status: "added" as const, executedBy: "npm runs its scripts" },
      ]),
  });

const session: Session = { ...({} as Session), id: newId("session"), baseCommit: base, lastCommit: second };

it("tells who confirms without a commit how to, and who looked at an older one that there is more", async () => {
  const executed = make();
  await expect(executed.requireAcknowledged(session, { acknowledgeExecuted: true })).rejects.toMatchObject({
    code: "work.executes",
    message: expect.stringMatching(/does not say which commit .* \(package\.json\)/),
    details: { commit: second, advice: expect.stringMatching(/Reload the page.* send `commit` .*`details\.commit`/) },
  });
  const older = executed.requireAcknowledged(session, { acknowledgeExecuted: true, commit: first });
  await expect(older).rejects.toMatchObject({
    message: expect.stringContaining("has gone on since"),
    details: { commit: second, advice: expect.not.stringContaining("Reload") },
  });
  await expect(executed.requireAcknowledged(session)).rejects.toMatchObject({
    message: expect.stringMatching(/^The work changes files/),
    details: { advice: expect.not.stringContaining("Reload") },
  });
});

it("takes the commit of its answer, once", async () => {
  const executed = make();
  const asked: unknown = await executed
    .requireAcknowledged(session, { acknowledgeExecuted: true })
    .catch((error: unknown) => error);
  const { commit } = (asked as { details: { commit: string } }).details;
  await executed.requireAcknowledged(session, { acknowledgeExecuted: true, commit });
  await executed.requireAcknowledged(session);
});
