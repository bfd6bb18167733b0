import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../lib/clock.ts";
import { startStandInGitHub, STAND_IN_HOST, type StandInGitHub } from "../testing/stand-in-github.ts";
import { createGhClient } from "./gh-client.ts";
import { createGh } from "./gh-process.ts";

let github: StandInGitHub;
beforeEach(async () => {
  github = await startStandInGitHub();
});
afterEach(() => github.close());

const repository = { host: STAND_IN_HOST, path: "ada/example" };

function start(env: Record<string, string> = github.env) {
  const gh = createGh({ env: { PATH: process.env["PATH"], HOME: "/nonexistent", ...env } });
  return createGhClient({ gh, clock: systemClock });
}

describe("the real gh against a stand-in for GitHub", () => {
  it("opens a pull request and finds it by its branch", async () => {
    const client = start();
    expect(await client.findOpen(repository, { owner: "ada", branch: "agents/x" })).toBeUndefined();
    const body = 'Line one\n\n- `code` & "quotes"\n--draft';
    const number = await client.create(repository, {
      head: "agents/x",
      base: "main",
      title: "--Add it",
      body,
      draft: true,
    });
    expect(github.pulls).toMatchObject([
      { number, title: "--Add it", body, draft: true, base: "main", head: "agents/x" },
    ]);
    expect(await client.findOpen(repository, { owner: "Ada", branch: "agents/x" })).toBe(number);
    expect(await client.findOpen(repository, { owner: "eve", branch: "agents/x" })).toBeUndefined();
    await expect(
      client.create(repository, { head: "agents/x", base: "main", title: "Again", body: "", draft: false }),
    ).rejects.toMatchObject({ code: "gh.failed", message: expect.stringContaining("already exists") });
  });

  it("reads checks, reviews, remarks on lines and comments", async () => {
    const author = { login: "grace" };
    github.addPull({
      ...{ title: "Add it", head: "agents/x", reviewDecision: "CHANGES_REQUESTED" },
      checks: [
        {
          ...{ __typename: "CheckRun", name: "test", status: "COMPLETED", conclusion: "FAILURE" },
          detailsUrl: "https://github.localhost/ada/example/actions/runs/5/job/5",
          checkSuite: { workflowRun: { workflow: { name: "CI" } } },
        },
        {
          __typename: "CheckRun",
          name: "build",
          status: "IN_PROGRESS",
          conclusion: "",
          detailsUrl: "javascript:alert(1)",
        },
        { __typename: "CheckRun", name: "docs", status: "COMPLETED", conclusion: "SKIPPED", detailsUrl: "" },
        { __typename: "StatusContext", context: "lint", state: "SUCCESS", targetUrl: "https://lint.example/1" },
        { __typename: "StatusContext", context: "deploy", state: "PENDING", targetUrl: "" },
      ],
      reviews: [
        { id: "R1", author, state: "CHANGES_REQUESTED", body: "Please test it.", submittedAt: "2026-01-02T00:00:00Z" },
        { id: "R2", author, state: "COMMENTED", body: "", submittedAt: "2026-01-02T00:00:00Z" },
        { id: "R3", author, state: "PENDING", body: "draft", submittedAt: null },
      ],
      lineComments: [
        {
          ...{ id: 7, user: author, body: "This is off by one.", path: "src/a.ts", line: null, original_line: 3 },
          ...{ html_url: "https://github.localhost/ada/example/pull/1#7", created_at: "2026-01-01T00:00:00Z" },
        },
        {
          ...{ id: 8, user: null, body: "][", path: "src/b.ts", line: 1, original_line: 1 },
          ...{ html_url: "", created_at: "2026-01-04T00:00:00Z" },
        },
      ],
      comments: [
        { id: "C1", author, body: "Nice.", createdAt: "2026-01-03T00:00:00Z", url: "https://github.localhost/c" },
      ],
    });
    const pull = await start().view(repository, 1);
    expect(pull).toMatchObject({
      number: 1,
      title: "Add it",
      state: "open",
      draft: false,
      base: "main",
      head: "agents/x",
    });
    expect(pull.reviewDecision).toBe("changes-requested");
    expect(pull.checks).toEqual([
      {
        name: expect.stringContaining("test"),
        state: "failed",
        url: "https://github.localhost/ada/example/actions/runs/5/job/5",
      },
      { name: "build", state: "pending", url: null },
      { name: "docs", state: "skipped", url: null },
      { name: "lint", state: "passed", url: "https://lint.example/1" },
      { name: "deploy", state: "pending", url: null },
    ]);
    expect(pull.remarks).toMatchObject([
      { id: "line-7", author: "grace", path: "src/a.ts", line: 3, verdict: null },
      { id: "review-R1", verdict: "changes-requested", body: "Please test it." },
      { id: "comment-C1", path: null, verdict: null },
      { id: "line-8", author: "ghost", body: "][" },
    ]);
  });

  it("reads the end of a failed check's log", async () => {
    const lines = Array.from(
      { length: 300 },
      (_line, at) => `2026-01-01T00:00:00.0000000Z \u001b[31mline ${at}\u001b[0m`,
    );
    github.logs.set(5, `${lines.join("\n")}\n`);
    const client = start();
    const log = await client.failedLog(repository, "https://github.localhost/ada/example/actions/runs/5/job/5");
    expect(log.split("\n")).toHaveLength(200);
    expect(log.endsWith("line 299")).toBe(true);
    expect(log).not.toContain("\u001b");
    expect(await client.failedLog(repository, "https://github.localhost/ada/example/actions/runs/6/job/6")).toContain(
      "could not be read",
    );
    expect(await client.failedLog(repository, null)).toContain("no log");
  });

  it("says when it is logged out, when its login is not taken, and when GitHub fails", async () => {
    expect(await start().status(STAND_IN_HOST)).toBe("ok");
    const { GH_TOKEN: _token, ...without } = github.env;
    expect(await start(without).status(STAND_IN_HOST)).toBe("logged-out");
    await expect(start(without).view(repository, 1)).rejects.toMatchObject({ code: "gh.logged-out" });
    await expect(start({ ...github.env, GH_TOKEN: "old" }).view(repository, 1)).rejects.toMatchObject({
      code: "gh.logged-out",
    });
    github.failWith = 502;
    await expect(start().view(repository, 1)).rejects.toMatchObject({ code: "gh.failed" });
  });
});

it("says where there is no gh", async () => {
  const client = createGhClient({ gh: createGh({ env: { PATH: "/nonexistent" } }), clock: systemClock });
  expect(await client.status("github.com")).toBe("missing");
  await expect(client.view(repository, 1)).rejects.toMatchObject({ code: "gh.missing" });
});
