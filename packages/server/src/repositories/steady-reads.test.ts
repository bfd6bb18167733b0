import { Readable } from "node:stream";
import { newId } from "@background-agents/shared/ids";
import { afterEach, beforeEach, expect, it } from "vitest";
import { AppError } from "../lib/app-error.ts";
import { createQuarantine } from "./quarantine.ts";
import { commitFiles } from "./testing/git-fixture.ts";
import { makeSandbox } from "./testing/sandbox-fixture.ts";

let sandbox: Awaited<ReturnType<typeof makeSandbox>>;
beforeEach(async () => {
  sandbox = await makeSandbox();
});
afterEach(() => sandbox.remove());

/** Nothing that an earlier read has learned. */
const fresh = () => createQuarantine({ git: sandbox.git, dataDir: sandbox.dataDir, mirrors: sandbox.mirrors });

/** Does `work` again and again, one after the other, for as long as `reads` go on. */
async function during<T>(work: () => Promise<unknown>, reads: () => Promise<T>): Promise<T> {
  let reading = true;
  const working = (async () => {
    while (reading) await work();
  })();
  try {
    return await reads();
  } finally {
    reading = false;
    await working;
  }
}

it("finds every commit while the session's repository is asked for at the same time", async () => {
  const { sessionId, repositoryId, base, workspace, quarantine } = sandbox;
  const to = commitFiles(workspace, { "a.txt": "a\n" });
  await sandbox.import(to, sandbox.bundle(to));
  await during(
    () => quarantine.ensurePath(sessionId, repositoryId),
    async () => {
      for (let count = 0; count < 25; count += 1) {
        const files = await fresh().changes({ sessionId, repositoryId, from: base, to });
        expect(files.map(({ path }) => path)).toEqual(["a.txt"]);
      }
    },
  );
});

it("reads the base from the mirror while the session's repository is being made", async () => {
  const { repositoryId, base: commit, quarantine } = sandbox;
  for (let count = 0; count < 10; count += 1) {
    const sessionId = newId("session");
    let made = false;
    const making = quarantine.ensurePath(sessionId, repositoryId).then(() => (made = true));
    while (!made) {
      const content = await fresh().content({ sessionId, repositoryId, commit, path: "README.md" });
      expect(content.kind).toBe("file");
    }
    await making;
  }
});

it("gives what a running turn shows, or says that it is gone, while the turn ends", async () => {
  const { sessionId, repositoryId, base, workspace, quarantine } = sandbox;
  const commit = commitFiles(workspace, { "a.txt": "a\n" });
  const bundle = sandbox.bundle(commit);
  const turnId = newId("turn");
  const seen = new Set<string>();
  await during(
    async () => {
      const live = { sessionId, repositoryId, turnId, commit, baseCommit: base, bundle: Readable.from([bundle]) };
      await quarantine.importLive(live);
      await quarantine.removeLive(sessionId, turnId);
    },
    async () => {
      for (let count = 0; count < 40; count += 1) {
        const read = fresh().diff({ sessionId, repositoryId, from: base, to: commit });
        seen.add(
          await read.then(
            (patch) => (patch.includes("+a") ? "shown" : `a patch without it: ${patch}`),
            (error: unknown) => (error instanceof AppError ? error.code : String(error)),
          ),
        );
      }
    },
  );
  expect([...seen].filter((what) => what !== "shown" && what !== "checkpoint.not-found")).toEqual([]);
});
