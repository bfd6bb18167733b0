import { describe, expect, it } from "vitest";
import type { GhAnswer, GhRequest } from "@background-agents/shared/protocol/agent-git";
import { runGhShim, type GhShimDeps } from "./gh-shim.ts";

const done: GhAnswer = { exitCode: 0, stdout: "done", stderr: "" };

function makeShim(answers: GhAnswer[] = [done], changes: Partial<GhShimDeps> = {}) {
  const asked: GhRequest[] = [];
  const deps: GhShimDeps = {
    client: () => ({
      gh: async (request) => {
        asked.push(request);
        return answers[asked.length - 1] ?? done;
      },
    }),
    readOwnBranch: async () => "agents/fix-1",
    readFile: async (path) => `text of ${path}`,
    runJq: async (expression, input) => ({ exitCode: 0, stdout: `${expression} of ${input}`, stderr: "" }),
    say: () => undefined,
    watchEveryMs: 0,
    ...changes,
  };
  return { asked, gh: (...args: string[]) => runGhShim(deps, args) };
}

describe("gh pr create", () => {
  it.each([
    [
      ["--title", "T", "--body", "B", "--base", "main", "--draft"],
      { title: "T", body: "B", base: "main", draft: true },
    ],
    [["-t", "T", "-b", "", "-B", "dev", "-d"], { title: "T", body: "", base: "dev", draft: true }],
    [["--title=T", "-F", "-"], { title: "T", body: "text of -", draft: false }],
    [["--fill", "--head", "agents/fix-1"], { draft: false }],
  ])("%j", async (args, order) => {
    const { asked, gh } = makeShim();
    expect(await gh("pr", "create", ...args)).toEqual(done);
    const requestId: unknown = expect.stringMatching(/^[0-9a-f-]{36}$/);
    expect(asked).toEqual([{ command: "pr-create", requestId, ...order }]);
  });

  it.each([
    [["--head", "main"], "only be this session's own branch, agents/fix-1"],
    [["--reviewer", "bob"], "--reviewer"],
    [["--body", "a", "--body-file", "b"], "not both"],
    [["--web"], "--web"],
    [["words"], "words"],
  ])("says why it does not do %j", async (args, words) => {
    const { asked, gh } = makeShim();
    expect(await gh("pr", "create", ...args)).toMatchObject({ exitCode: 1, stderr: expect.stringContaining(words) });
    expect(asked).toEqual([]);
  });
});

describe("the rest of gh", () => {
  it("looks at the session's pull request", async () => {
    const { asked, gh } = makeShim();
    expect(await gh("pr", "view")).toEqual(done);
    expect(await gh("pr", "status")).toEqual(done);
    expect(await gh("pr", "view", "--json", "number,url", "-q", ".url")).toMatchObject({ stdout: ".url of done" });
    expect(asked).toEqual([
      { command: "pr-view" },
      { command: "pr-view" },
      { command: "pr-view", json: ["number", "url"] },
    ]);
  });

  it("watches checks until none is pending", async () => {
    const pending = { ...done, exitCode: 8 };
    const { asked, gh } = makeShim([pending, pending, { ...done, exitCode: 1 }]);
    expect(await gh("pr", "checks", "--watch")).toMatchObject({ exitCode: 1 });
    expect(asked).toHaveLength(3);
    expect(await makeShim([pending]).gh("pr", "checks")).toMatchObject({ exitCode: 8 });
  });

  it.each([
    ["issue", "list"],
    ["api", "/user"],
    ["pr", "merge", "7"],
    ["auth", "token"],
    ["repo", "clone", "x"],
  ])("says that `gh %s %s` does not work here, and what does", async (...args) => {
    const { asked, gh } = makeShim();
    const answer = await gh(...args);
    expect(answer).toMatchObject({ exitCode: 1, stdout: "" });
    expect(answer.stderr).toMatch(/does not work in this sandbox\.[^]*gh pr create/);
    expect(asked).toEqual([]);
  });

  it("tells that no login is needed, and what the server said where it refused", async () => {
    expect(await makeShim().gh("auth", "status")).toMatchObject({ exitCode: 0 });
    const away = makeShim([], { client: () => ({ gh: async () => Promise.reject(new Error("no server")) }) });
    expect(await away.gh("pr", "view")).toEqual({ exitCode: 1, stdout: "", stderr: "no server\n" });
  });
});
