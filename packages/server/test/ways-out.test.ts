import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ProposalAnswer } from "@background-agents/shared/protocol/publish-commands";
import type { Session } from "@background-agents/shared/sessions/session";
import { expect, it } from "vitest";
import { useWaysOut } from "../src/testing/ways-out.ts";

/** What an agent did leaves the session: what all ways have in common, and the way onto the user's own branch. */

const out = useWaysOut();
const { ask, begin, git, prompt, run } = out;

it("asks first where the work changes files that tools execute", async () => {
  await begin("package.json");
  for (const [way, body] of [
    ["push", {}],
    ["checkout", {}],
    ["apply", { how: "squash" }],
  ] as const) {
    const asked = await ask(way, body);
    expect(asked).toMatchObject({
      status: 409,
      body: { error: { code: "work.executes", details: { files: [{ path: "package.json" }] } } },
    });
  }
  const commit = (await out.now()).lastCommit;
  expect((await run("push", { acknowledgeExecuted: true, commit })).status).toBe("succeeded");
  // What was acknowledged is not asked again; what comes new is.
  expect((await run("checkout")).status).toBe("succeeded");
  await prompt(".envrc");
  const asked = await ask("push");
  expect(asked).toMatchObject({ status: 409, body: { error: { code: "work.executes" } } });
});

it("takes no word about files that came after the user looked, and does it once they saw those", async () => {
  await begin("package.json");
  const proposal = `/api/sessions/${out.session.id}/pull-request/proposal`;
  const seen = (await out.server.call("GET", proposal)).body as ProposalAnswer;
  expect(seen).toMatchObject({ commit: (await out.now()).lastCommit, executed: [{ path: "package.json" }] });
  const files = [{ path: ".envrc" }, { path: "package.json" }];
  await prompt(".envrc");
  const { lastCommit } = await out.now();
  for (const [way, body] of [
    ["push", {}],
    ["checkout", {}],
    ["apply", { how: "squash" }],
    ["pull-request", {}],
  ] as const) {
    for (const word of [{ acknowledgeExecuted: true, commit: seen.commit }, { acknowledgeExecuted: true }]) {
      expect(await ask(way, { ...body, ...word })).toMatchObject({
        ...{ status: 409, body: { error: { code: "work.executes", details: { files, commit: lastCommit } } } },
      });
    }
  }
  expect(git(out.bare.path, "branch", "--list", "agents/*")).toBe("");
  expect((await run("push", { acknowledgeExecuted: true, commit: lastCommit })).status).toBe("succeeded");
  expect(git(out.bare.path, "rev-parse", out.session.branch)).toBe(lastCommit);
});

it("applies the work to the user's branch and records it", async () => {
  await begin("a.txt");
  writeFileSync(join(out.path, "README.md"), "mine\n");
  expect(await run("apply", { how: "squash" })).toMatchObject({ status: "failed", error: { code: "tree.not-clean" } });
  git(out.path, "checkout", "--quiet", "README.md");
  expect(await run("apply", { how: "squash" })).toMatchObject({ status: "succeeded", result: "1 commit on main" });
  expect(git(out.path, "log", "-1", "--format=%an %(trailers:key=Background-Agents-Session,valueonly)").trim()).toBe(
    `Ada Example ${out.session.id}`,
  );
  expect(await out.watcher.waitForEvent("branch.applied")).toMatchObject({ data: { branch: "main", how: "squash" } });
  expect(git(out.path, "status", "--porcelain")).toBe("");
});

it("has nothing to bring out before the first change", async () => {
  const body = { repository: out.path, model: "demo/scripted" };
  out.session = ((await out.server.call("POST", "/api/sessions", body)).body as { session: Session }).session;
  for (const [way, order] of [
    ["publish", {}],
    ["push", {}],
    ["checkout", {}],
    ["apply", { how: "patch" }],
    ["pull-request", {}],
  ] as const) {
    expect(await ask(way, order)).toMatchObject({
      ...{ status: 409, body: { error: { code: "work.nothing" } } },
    });
  }
});
