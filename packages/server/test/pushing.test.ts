import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { newId } from "@background-agents/shared/ids";
import type { Job } from "@background-agents/shared/jobs/job";
import { describe, expect, it } from "vitest";
import { useWaysOut } from "../src/testing/ways-out.ts";

/** A session's branch on a remote, over real SSH: a job to watch, to cancel, and to do again. */

const out = useWaysOut();
const { ask, begin, git, now, prompt, run } = out;

async function listJobs(): Promise<{ jobs: Job[] }> {
  return (await out.server.call("GET", `/api/sessions/${out.session.id}/jobs`)).body;
}

describe("pushing", () => {
  it("is a job with a log, the same for the same id, and shows on the session", async () => {
    await begin("a.txt");
    const id = newId("job");
    const job = await run("push", { id });
    const { lastCommit, push } = await now();
    expect(job).toMatchObject({
      id,
      kind: "push",
      status: "succeeded",
      summary: `push ${out.session.branch} to origin`,
    });
    expect(job.log).toContain(out.bare.url);
    expect(push).toMatchObject({ remote: "origin", url: out.bare.url, branch: out.session.branch, commit: lastCommit });
    expect(git(out.bare.path, "rev-parse", out.session.branch)).toBe(lastCommit);
    const told = out.watcher.frames.flatMap((frame) => (frame.type === "job-log" ? [frame.text] : [])).join("");
    expect(told).toBe(job.log);

    const again = await ask("push", { id });
    expect(again).toMatchObject({ status: 202, body: { job: { id, status: "succeeded" } } });
    const { jobs } = await listJobs();
    expect(jobs).toEqual([job]);
    expect(out.watcher.events.filter(({ type }) => type === "branch.pushed")).toHaveLength(1);
  });

  it("holds up no turn, can be cancelled, and is shown to who comes late", async () => {
    await begin("a.txt");
    const hook = join(out.bare.path, "hooks", "pre-receive");
    writeFileSync(hook, "#!/bin/sh\necho waiting >&2\nexec sleep 600\n");
    chmodSync(hook, 0o755);
    const started = await ask("push");
    const { job } = started.body as { job: Job };
    await out.watcher.waitFor((frame) => frame.type === "job-log" && frame.text.includes("waiting"));
    expect(await ask("push")).toMatchObject({
      ...{ status: 409, body: { error: { code: "session.busy" } } },
    });
    await prompt("b.txt");
    const late = await out.server.watch(out.session.id);
    const snapshot = await late.waitFor((frame) => frame.type === "snapshot");
    expect(snapshot).toMatchObject({
      jobs: [{ id: job.id, status: "running", log: expect.stringContaining("waiting") }],
    });

    const cancelled = await out.server.call("POST", `/api/sessions/${out.session.id}/jobs/${job.id}/cancel`);
    expect(cancelled).toMatchObject({
      status: 200,
      body: { job: { status: "failed", error: { code: "job.cancelled" } } },
    });
    expect(() => git(out.bare.path, "rev-parse", "--verify", out.session.branch)).toThrow("rev-parse");
    writeFileSync(hook, "#!/bin/sh\n");
    expect((await run("push")).status).toBe("succeeded");
    expect(git(out.bare.path, "rev-parse", out.session.branch)).toBe((await now()).lastCommit);
  });

  it("ends with the server, says so, and is done by the next try", async () => {
    await begin("a.txt");
    const hook = join(out.bare.path, "hooks", "pre-receive");
    writeFileSync(hook, "#!/bin/sh\necho waiting >&2\nexec sleep 600\n");
    chmodSync(hook, 0o755);
    await ask("push");
    await out.watcher.waitFor((frame) => frame.type === "job-log" && frame.text.includes("waiting"));
    await out.restart();
    const { jobs } = await listJobs();
    expect(jobs).toMatchObject([{ status: "failed", error: { code: "job.interrupted" } }]);
    writeFileSync(hook, "#!/bin/sh\n");
    expect((await run("push")).status).toBe("succeeded");
  });

  it("says what is wrong before it begins, and with advice where it fails", async () => {
    await begin("a.txt");
    const send = (body: object) => ask("push", body);
    expect(await send({ branch: "main" })).toMatchObject({ status: 409, body: { error: { code: "branch.refused" } } });
    expect(await send({ remote: "none" })).toMatchObject({ status: 409, body: { error: { code: "remote.missing" } } });
    git(out.path, "remote", "set-url", "origin", out.bare.url.replace("ada/example", "ada/nowhere"));
    const job = await run("push");
    expect(job).toMatchObject({ status: "failed", error: { code: "remote.unreachable" } });
    expect(job.error?.advice).not.toBeNull();
  });
});
