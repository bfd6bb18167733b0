import { afterEach, describe, expect, it } from "vitest";
import { MODELS, type SandboxUnderTest, startSandboxUnderTest } from "../src/testing/sandbox-under-test.ts";
import type { Script } from "../src/testing/script-step.ts";
import { z } from "zod";
import { createGate } from "../src/testing/gate.ts";

let sandbox: SandboxUnderTest;
afterEach(() => sandbox.close());

/** Where each wire format carries the effort. */
function effortOf(body: Record<string, unknown> | undefined): unknown {
  const { reasoning, output_config: outputConfig } = z
    .object({
      reasoning: z.object({ effort: z.string() }).optional(),
      output_config: z.object({ effort: z.string() }).optional(),
    })
    .parse(body);
  return reasoning?.effort ?? outputConfig?.effort;
}

const WIRES = [
  { wire: "anthropic", model: MODELS.anthropic },
  { wire: "openai", model: MODELS.openai },
] as const;

describe.each(WIRES)("$wire", ({ wire, model }) => {
  it("streams text and a command's output before they end, and passes the effort on", async () => {
    const text = createGate();
    sandbox = await startSandboxUnderTest({
      script: ({ toolResults }) =>
        toolResults.length === 0
          ? [
              { text: ["One ", "two"] },
              { wait: text.opened },
              {
                tool: "bash",
                input: {
                  command: "echo first; while [ ! -e go ]; do sleep 0.05; done; echo last; exit 3",
                  description: "d",
                },
              },
            ]
          : [{ text: "Done." }],
    });
    const { hub } = sandbox;
    const prompt = sandbox.deliver("Go", { model, effort: "high" });

    await hub.until(() => hub.frames.find((frame) => frame.type === "delta" && frame.text.includes("two")));
    expect(hub.bodies().some(({ kind }) => kind === "part.settled")).toBe(false);
    text.open();

    const live = await hub.until(() =>
      hub.frames.find((frame) => frame.type === "part" && frame.part.tool?.output?.includes("first")),
    );
    expect(live).toMatchObject({ part: { tool: { name: "bash", status: "running", output: "first\n" } } });
    await sandbox.run("touch go");

    const ended = await sandbox.ended(prompt);
    expect(ended).toMatchObject({ outcome: "completed" });
    const bash = sandbox.settled().find((part) => part.tool?.name === "bash");
    expect(bash?.tool).toMatchObject({ status: "completed", output: "first\nlast\n", exitCode: 3 });
    expect(sandbox.settled().map(({ index }) => index)).toEqual([0, 1, 2]);

    const [request] = sandbox.model.requests;
    expect(request?.wire).toBe(wire);
    // The container's side has no key: what OpenCode sends as one is a filler.
    expect(JSON.stringify(request?.headers)).toContain("boot-token");
    expect(effortOf(request?.body)).toBe("high");
    // A long conversation is paid for once: each provider is told what to keep.
    expect(JSON.stringify(request?.body)).toContain(wire === "anthropic" ? `"cache_control"` : `"prompt_cache_key"`);
    expect(request?.tools).toContain("question");
  });

  it("sends no effort where none is chosen", async () => {
    sandbox = await startSandboxUnderTest({ script: () => [{ text: "Hi" }] });
    await sandbox.ended(sandbox.deliver("Go", { model }));
    const [request] = sandbox.model.requests;
    expect(effortOf(request?.body)).not.toBe("high");
  });
});

/** A script that makes the tool calls one after the other; `$TREE` stands for the working tree. */
const callAll =
  (calls: { tool: string; input: Record<string, unknown> }[]): Script =>
  ({ toolResults }) => {
    const call = calls[toolResults.length];
    if (!call) return [{ text: "Done." }];
    const input: Record<string, unknown> = JSON.parse(JSON.stringify(call.input).replaceAll("$TREE", sandbox.tree));
    return [{ tool: call.tool, input }];
  };

const patches = () =>
  sandbox.settled().flatMap(({ tool }) => (tool ? [tool.patch ?? `no patch: ${tool.error ?? tool.output}`] : []));

it("shows the patches of edit and write", async () => {
  sandbox = await startSandboxUnderTest({
    script: callAll([
      { tool: "edit", input: { filePath: "$TREE/README.md", oldString: "A small", newString: "A changed" } },
      { tool: "write", input: { filePath: "$TREE/docs/new.md", content: "fresh\n" } },
      { tool: "write", input: { filePath: "$TREE/README.md", content: "# All new\n" } },
    ]),
  });
  await sandbox.ended(sandbox.deliver("Edit"));
  const readme = "--- a/README.md\n+++ b/README.md\n";
  expect(patches()).toEqual([
    `${readme}@@ -1,3 +1,3 @@\n # Sample\n \n-A small repository.\n+A changed repository.\n`,
    "--- /dev/null\n+++ b/docs/new.md\n@@ -0,0 +1 @@\n+fresh\n",
    `${readme}@@ -1,3 +1 @@\n-# Sample\n-\n-A changed repository.\n+# All new\n`,
  ]);
});

it("shows the patch of apply_patch, the editing tool of OpenAI's models", async () => {
  const patchText =
    "*** Begin Patch\n*** Update File: README.md\n@@\n-A small repository.\n+A changed repository.\n*** Add File: docs/new.md\n+fresh\n*** End Patch";
  sandbox = await startSandboxUnderTest({ script: callAll([{ tool: "apply_patch", input: { patchText } }]) });
  await sandbox.ended(sandbox.deliver("Edit", { model: MODELS.openai }));
  expect(patches()).toHaveLength(1);
  expect(patches()[0]).toContain("--- a/README.md\n+++ b/README.md\n");
  expect(patches()[0]).toContain("-A small repository.\n+A changed repository.");
  expect(patches()[0]).toContain("+fresh");
});
