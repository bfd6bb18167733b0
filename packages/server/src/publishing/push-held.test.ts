import { join } from "node:path";
import { Readable } from "node:stream";
import { newId } from "@background-agents/shared/ids";
import type { Session } from "@background-agents/shared/sessions/session";
import { pino } from "pino";
import { afterEach, beforeEach, expect, it } from "vitest";
import { systemClock } from "../lib/clock.ts";
import { createGit } from "../lib/git-process.ts";
import { commitFiles, plainGit } from "../repositories/testing/git-fixture.ts";
import { makeSandbox } from "../repositories/testing/sandbox-fixture.ts";
import { createPushWork } from "./push-work.ts";

/** Pushes of what is only held, as an agent asks for them, to a bare repository beside the user's. */

let sandbox: Awaited<ReturnType<typeof makeSandbox>>;
beforeEach(async () => {
  sandbox = await makeSandbox();
});
afterEach(() => sandbox.remove());

it("records what the remote has where it could not be kept here, and does not take that back", async () => {
  const { workspace, quarantine, sessionId, repositoryId, base: baseCommit, temp, user } = sandbox;
  const bare = join(temp, "bare.git");
  plainGit(temp, ["init", "--quiet", "--bare", "-b", "main", bare]);
  plainGit(user, ["remote", "add", "origin", bare]);
  plainGit(user, ["push", "--quiet", "origin", "main"]);
  const first = commitFiles(workspace, { "a.txt": "a\n" });
  await sandbox.import(first, sandbox.bundle(first));
  const second = commitFiles(workspace, { "b.txt": "b\n" });
  let session: Session = {
    ...({} as Session),
    ...{ id: sessionId, branch: "agents/x", baseBranch: "main", lastCommit: first, push: null, deletedAt: null },
    repository: { id: newId("repository"), name: "user", path: user },
  };
  const { pushWork } = createPushWork({
    ...{ git: createGit(), quarantine, clock: systemClock, log: pino({ level: "silent" }) },
    requireNoSecrets: () => Promise.resolve(),
    onPushed: () => undefined,
    requireSession: () => session,
    listCommits: () => [first],
    recorder: {
      record(_id, build) {
        for (const event of build({ session } as never)) {
          if (event.type === "branch.pushed") session = { ...session, push: event.data.push };
        }
        return { state: { session } as never, events: [] };
      },
    },
  });
  const there = () => plainGit(bare, ["rev-parse", "agents/x"]);

  const bundle = Readable.from([sandbox.bundle(second)]);
  const held = await quarantine.holdPush({ sessionId, repositoryId, commit: second, baseCommit, bundle });
  const keep = () => Promise.reject(new Error("no space left"));
  const pushed = await pushWork({ sessionId, commit: second, from: { gitDir: held.gitDir, keep } });
  await held.release();
  expect([pushed.commit, session.push?.commit, there()]).toEqual([second, second, second]);
  expect(sandbox.holds(second)).toBe(false);
  // The user's push of the checkpoint before it: what the remote has cannot be looked at, and stays.
  await expect(pushWork({ sessionId })).rejects.toMatchObject({ code: "push.rejected" });
  expect(there()).toBe(second);
  // A checkpoint that has it brings it here, and all goes on.
  await sandbox.import(second, sandbox.bundle(second));
  expect(await pushWork({ sessionId })).toMatchObject({ commit: second });
});
