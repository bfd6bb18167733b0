import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { call, startLocalGateway, textOf } from "./testing/local-gateway.ts";
import { createMiniAgent } from "./testing/mini-agent.ts";

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const each of cleanups.splice(0)) each();
});

async function start() {
  const gateway = await startLocalGateway({ keys: {} });
  cleanups.push(gateway.close);
  return gateway;
}

function makeRepository(files: Record<string, string>) {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), "demo-model-")));
  cleanups.push(() => rmSync(directory, { recursive: true, force: true }));
  const git = (...args: string[]) => execFileSync("git", args, { cwd: directory, encoding: "utf8" });
  git("init", "-q", "-b", "main");
  git("config", "user.name", "A");
  git("config", "user.email", "a@example.org");
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(directory, path, ".."), { recursive: true });
    writeFileSync(join(directory, path), content);
  }
  git("add", "-A");
  git("commit", "-q", "-m", "First");
  return { directory, git, read: (path: string) => readFileSync(join(directory, path), "utf8") };
}

describe("the scripted model on a real repository", () => {
  it("adds a note, commits it, says what it is and tells only what happened; a second prompt goes on", async () => {
    const gateway = await start();
    const repository = makeRepository({ "README.md": "# Paint\n\nColours.\n" });
    const agent = createMiniAgent({ port: gateway.port, directory: repository.directory });

    const first = await agent.prompt('Make it\'s README "nicer" $(touch /tmp/never)');
    expect(first.firstText).toContain("scripted demo model");
    expect(first.calls.filter((each) => each.isError)).toEqual([]);
    expect(repository.read("NOTES.md")).toContain('> Make it\'s README "nicer" $(touch /tmp/never)');
    expect(repository.read("NOTES.md")).toContain("Read `README.md`: 3 lines, the first says “# Paint”");
    const [commit] = repository.git("log", "--format=%h %s").split("\n");
    expect(commit).toContain('Note prompt 1: Make it\'s README "nicer" $(touch /tmp/never)');
    expect(first.answer).toContain(`Committed it as \`${commit?.split(" ")[0] ?? "?"}\` on \`main\``);
    expect(repository.git("status", "--short")).toBe("");

    const second = await agent.prompt("And now the colours");
    expect(second.firstText).toContain("prompt 2 of our conversation");
    expect(second.firstText).toContain("Make it's README");
    expect(second.calls.some((each) => each.name === "edit" && !each.isError)).toBe(true);
    expect(repository.read("NOTES.md").match(/^## .*$/gm)).toEqual([
      "## 2026-11-23, prompt 1",
      "## 2026-11-23, prompt 2",
    ]);
    expect(repository.git("rev-list", "--count", "HEAD").trim()).toBe("3");
    expect(gateway.usage.length).toBeGreaterThan(10);
    expect(
      gateway.usage.every((each) => each.model === "demo/scripted" && each.costUsd === 0 && each.outputTokens > 0),
    ).toBe(true);
  });

  it("does as its directives say: no commit, a command", async () => {
    const gateway = await start();
    const repository = makeRepository({
      "docs/guide.md": "Guide\n",
      "a.test.js": "require('node:test')('a', () => {});\n",
    });
    const agent = createMiniAgent({ port: gateway.port, directory: repository.directory });
    const { answer } = await agent.prompt("Try [demo:no-commit]\n[demo:command echo from-the-prompt; false]");
    expect(repository.git("status", "--short")).toBe("?? docs/agent-notes.md\n");
    expect(repository.read("docs/agent-notes.md")).not.toContain("demo:");
    expect(answer).toContain("Left the change uncommitted");
    expect(answer).toContain("its last line was `from-the-prompt`");
    expect(answer).toMatch(/`node --test` on 1 test file: 1 passed, 0 failed/);
  });

  it.each([
    ["the file tools fail", { broken: ["write", "edit", "read"] }],
    ["there is no tool but the shell", { tools: ["bash"] }],
  ])("appends by the shell when %s", async (_case, options) => {
    const gateway = await start();
    const repository = makeRepository({ "NOTES.md": "Mine, with an odd end\nx\nx\n" });
    const agent = createMiniAgent({ port: gateway.port, directory: repository.directory, ...options });
    const { answer } = await agent.prompt("Go on");
    expect(repository.read("NOTES.md")).toMatch(/^Mine, with an odd end\nx\nx\n\n## 2026-11-23, prompt 1\n\n> Go on\n/);
    expect(answer).toContain("Committed it as");
  });

  it("does not claim what did not happen", async () => {
    const gateway = await start();
    const repository = makeRepository({ "README.md": "# Hi\n" });
    writeFileSync(join(repository.directory, ".git/hooks/pre-commit"), "#!/bin/sh\necho not today\nexit 1\n", {
      mode: 0o755,
    });
    const agent = createMiniAgent({ port: gateway.port, directory: repository.directory, broken: ["write"] });
    const { answer } = await agent.prompt("Go on");
    expect(answer).toContain("`git commit` did not report a commit: not today");
    const blind = createMiniAgent({ port: gateway.port, directory: repository.directory, tools: ["todowrite"] });
    expect((await blind.prompt("Go on")).answer).toContain("No note was written");
  });
});

describe("the scripted model as a provider", () => {
  const ask = async (port: number, words: string, more: object = { tools: [{ name: "bash" }] }) =>
    call(port, {
      path: "demo/v1/messages",
      body: { model: "scripted", stream: true, messages: [{ role: "user", content: words }], ...more },
    });

  it("refuses with [demo:fail]", async () => {
    const answer = await ask((await start()).port, "x [demo:fail]");
    expect([answer.statusCode, JSON.parse(await textOf(answer)).error.type]).toEqual([400, "invalid_request_error"]);
  });

  it("is rate limited once a prompt with [demo:ratelimit]", async () => {
    const { port } = await start();
    const limited = await ask(port, "x [demo:ratelimit]");
    expect([limited.statusCode, limited.headers["retry-after"]]).toEqual([429, "2"]);
    limited.resume();
    expect((await ask(port, "x [demo:ratelimit]")).statusCode).toBe(200);
  });

  it("breaks off once with [demo:cut]", async () => {
    const { port } = await start();
    await expect(textOf(await ask(port, "x [demo:cut]"))).rejects.toThrow("aborted");
    expect(await textOf(await ask(port, "x [demo:cut]"))).toContain("message_stop");
  });

  it("answers requests for a title and a summary without tools, and its list of models", async () => {
    const { port } = await start();
    const title = {
      tools: [],
      stream: false,
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: "Generate a title for this conversation:\n" },
            { type: "text", text: "Fix the bug [demo:fail]" },
          ],
        },
      ],
    };
    expect(JSON.parse(await textOf(await ask(port, "", title))).content).toEqual([
      { type: "text", text: "Fix the bug" },
    ]);
    const summary = {
      stream: false,
      messages: [
        { role: "user", content: "one" },
        { role: "assistant", content: "1" },
        { role: "user", content: "Summarize" },
      ],
    };
    expect(JSON.parse(await textOf(await ask(port, "", summary))).content[0].text).toContain("- one");
    const models = await call(port, { path: "demo/v1/models", method: "GET" });
    expect(JSON.parse(await textOf(models)).data).toEqual([{ id: "scripted", type: "model" }]);
  });

  it("answers a body of another shape with an error", async () => {
    const answer = await ask((await start()).port, "", { messages: "no" });
    expect(answer.statusCode).toBe(400);
  });
});
