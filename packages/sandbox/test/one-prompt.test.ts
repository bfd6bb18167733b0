import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { createGate } from "../src/testing/gate.ts";
import { git } from "../src/testing/sandbox-fixture.ts";
import { MODELS, type SandboxUnderTest, startSandboxUnderTest } from "../src/testing/sandbox-under-test.ts";

let sandbox: SandboxUnderTest;
afterEach(() => sandbox.close());

describe.each(["unix", "tcp"] as const)("one prompt over %s", (transport) => {
  it("streams the answer and brings the uncommitted work as a bundle", async () => {
    const held = createGate();
    let told = "";
    sandbox = await startSandboxUnderTest({
      transport,
      script: ({ toolResults, body }) => {
        told += JSON.stringify(body);
        return toolResults.length === 0
          ? [
              { thinking: "I shall add a file." },
              { text: ["Adding ", "a file."] },
              { wait: held.opened },
              { tool: "bash", input: { command: "echo hello > new.txt", description: "add" } },
            ]
          : [{ text: "Done." }];
      },
    });
    const { hub } = sandbox;
    const ready = await hub.untilReport("boot.ready");
    expect(ready.opencodeVersion).toMatch(/^1\./);

    const prompt = sandbox.deliver("Add a file\n\nplease");
    // The text is here while the model still holds its answer back.
    await hub.until(() => hub.frames.find((frame) => frame.type === "part" && frame.part.kind === "text"));
    await hub.until(() => (streamedText() === "Adding a file." ? true : undefined));
    expect(hub.bodies().some((body) => body.kind === "turn.ended")).toBe(false);
    held.open();

    const ended = await sandbox.ended(prompt);
    expect(ended).toMatchObject({ outcome: "completed", ...prompt });
    expect(told).toContain("blocked by the sandbox's network policy");
    // The agent asked for nothing outside, so nothing was asked for.
    expect(hub.connectTargets).toEqual([]);
    expect(sandbox.settled().map((part) => part.tool?.name ?? part.kind)).toEqual([
      "reasoning",
      "text",
      "bash",
      "text",
    ]);

    const bundle = hub.uploads.find((upload) => upload.path === `/bundle/${ended.checkpointId}`);
    if (!bundle) throw new Error("no bundle");
    expect(bundle.query.get("turn")).toBe(prompt.turnId);
    expect(bundle.query.get("prompt")).toBe(prompt.promptId);
    const file = join(sandbox.root, "received.bundle");
    writeFileSync(file, bundle.body);
    git(sandbox.paths.mirror, "fetch", "-q", file, "refs/background-agents/head:refs/heads/received");
    expect(git(sandbox.paths.mirror, "show", "received:new.txt")).toBe("hello");
    expect(git(sandbox.paths.mirror, "rev-parse", "received")).toBe(bundle.query.get("commit"));
    expect(git(sandbox.paths.mirror, "log", "-1", "--format=%an <%ae>%n%s%n%(trailers:unfold)", "received")).toBe(
      `Ada <ada@example.org>\nAdd a file\nBackground-Agents-Session: ${sandbox.spec.sessionId}`,
    );
    expect(git(sandbox.tree, "rev-parse", sandbox.spec.branch)).toBe(bundle.query.get("commit"));
    expect(git(sandbox.tree, "status", "--porcelain")).toBe("");
    expect(execFileSync("git", ["bundle", "list-heads", file], { encoding: "utf8" }).trim().split("\n")).toHaveLength(
      1,
    );

    const conversation = hub.uploads.find((upload) => upload.path === `/conversation/${ended.checkpointId}`);
    const exported = JSON.parse(conversation?.body.toString("utf8") ?? "") as { messages: unknown[] };
    expect(exported.messages.length).toBeGreaterThanOrEqual(3);

    function streamedText(): string {
      let text = "";
      for (const frame of hub.frames) {
        if (frame.type === "part" && frame.part.kind === "text") text = frame.part.text;
        if (frame.type === "delta" && frame.text && !frame.text.startsWith("I shall")) {
          text = text.slice(0, frame.offset) + frame.text;
        }
      }
      return text;
    }
  });
});

it("answers a second prompt in the same conversation", async () => {
  sandbox = await startSandboxUnderTest({ script: ({ index }) => [{ text: `Answer ${index + 1}` }] });
  const first = sandbox.deliver("First", { model: MODELS.demo });
  await sandbox.ended(first);
  const second = sandbox.deliver("Second", { model: MODELS.demo });
  expect(await sandbox.ended(second)).toMatchObject({ outcome: "completed" });
  // No request but ours: a session with a title asks no model for one.
  expect(sandbox.model.requests.map(({ userText }) => userText)).toEqual(["First", "Second"]);
  expect(JSON.stringify(sandbox.model.requests[1]?.body)).toContain("Answer 1");
  // Nothing was changed: the bundle is empty and names the base.
  const bundles = sandbox.hub.uploads.filter(({ path }) => path.startsWith("/bundle/"));
  expect(bundles.map(({ body }) => body.length)).toEqual([0, 0]);
  expect(bundles[0]?.query.get("commit")).toBe(sandbox.spec.baseCommit);
});
