import { rmSync, mkdirSync } from "node:fs";
import { afterEach, expect, it, vi } from "vitest";
import { type SandboxUnderTest, startSandboxUnderTest } from "../src/testing/sandbox-under-test.ts";

// The agent starts several times: how long that takes on a busy machine says nothing.
vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

let sandbox: SandboxUnderTest;
afterEach(() => sandbox.close());

const line = (path: string, content: string, mode = "100644") =>
  `${JSON.stringify({ path, mode, content: Buffer.from(content).toString("base64") })}\n`;
const bootLog = () =>
  sandbox.hub.frames.flatMap((frame) => (frame.type === "log" && frame.phase === "clone" ? [frame.text] : [])).join("");

it("brings ignored files into a new tree, tells which, and keeps them out of commits; again when the tree is lost", async () => {
  const files = [
    line(".env", "KEY=1\n"),
    line("scripts/run", "#!/bin/sh\n", "100755"),
    line("README.md", "not over a tracked file"),
    line("../outside", "x"),
    line(".git/config", "x"),
  ];
  sandbox = await startSandboxUnderTest({
    script: ({ toolResults }) =>
      toolResults.length === 0
        ? [{ tool: "bash", input: { command: "cat .env > copy.txt; echo agent > .env", description: "d" } }]
        : [{ text: "Done" }],
    spec: (spec) => ({ ...spec, copiesFiles: true }),
    hub: { restore: (what) => (what === "files" ? Buffer.from(files.join("")) : undefined) },
  });
  expect(
    (await sandbox.run("cat .env; stat -c %a .env scripts/run; head -1 README.md; git status --porcelain")).stdout,
  ).toBe("KEY=1\n600\n700\n# Sample\n");
  expect((await sandbox.run("ls ..")).stdout).toBe("sample\n");
  expect(bootLog()).toContain("Copied from your work tree: .env, scripts/run\n");
  expect(bootLog()).toContain("Not copied from your work tree: README.md, there is such a file already\n");

  await sandbox.ended(sandbox.deliver("Go"));
  expect((await sandbox.run("git ls-files; cat copy.txt")).stdout).toBe(".gitignore\nREADME.md\ncopy.txt\nKEY=1\n");
  // What the agent made of them stays over a restart.
  await sandbox.restart();
  expect((await sandbox.run("cat .env")).stdout).toBe("agent\n");
  await sandbox.restart(() => {
    rmSync(sandbox.paths.workspace, { recursive: true });
    mkdirSync(sandbox.paths.workspace);
  });
  expect((await sandbox.run("cat .env")).stdout).toBe("KEY=1\n");
});
