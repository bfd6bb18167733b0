import { newId } from "@background-agents/shared/ids";
import { afterEach, expect, it } from "vitest";
import { createGate } from "../src/testing/gate.ts";
import { type SandboxUnderTest, startSandboxUnderTest } from "../src/testing/sandbox-under-test.ts";
import type { Script } from "../src/testing/script-step.ts";

let sandbox: SandboxUnderTest;
afterEach(() => sandbox.close());

const countOf = (kind: string) => sandbox.hub.bodies().filter((body) => body.kind === kind).length;
const texts = () => sandbox.settled().flatMap(({ kind, text }) => (kind === "text" ? [text] : []));

it("puts a prompt into the running turn once; the turn ends after it is answered too", async () => {
  const gate = createGate();
  const script: Script = ({ userText, index }) =>
    index === 0
      ? [
          { text: "Working." },
          { wait: gate.opened },
          { tool: "bash", input: { command: "echo one", description: "d" } },
        ]
      : [{ text: `Answer to ${userText}` }];
  sandbox = await startSandboxUnderTest({ script });
  const { hub } = sandbox;
  const { promptId, turnId } = sandbox.deliver("First");
  await hub.until(() => sandbox.model.requests[0]);
  const steered = { type: "prompt.steer", promptId: newId("prompt"), turnId, text: "Also this" } as const;
  hub.send(steered);
  hub.send(steered);
  expect(await hub.untilReport("prompt.steered")).toMatchObject({ promptId: steered.promptId, turnId });
  gate.open();
  expect(await sandbox.ended({ turnId })).toMatchObject({ promptId, outcome: "completed" });
  expect(texts().filter((text) => text?.includes("Also this"))).toHaveLength(1);
  expect([countOf("prompt.steered"), countOf("turn.ended"), countOf("turn.saving")]).toEqual([1, 1, 1]);

  // Delivered again by a server that did not hear of it, it does not run again.
  sandbox.deliver("Also this", { promptId: steered.promptId });
  await sandbox.ended(sandbox.deliver("Next"));
  expect(sandbox.model.requests.map(({ userText }) => userText).filter((text) => text.includes("Also"))).toHaveLength(
    1,
  );
});

it("answers a prompt that joins while the agent says its last words", async () => {
  const gate = createGate();
  const script: Script = ({ userText, index }) =>
    index === 0 ? [{ text: "Nearly " }, { wait: gate.opened }, { text: "done." }] : [{ text: `Answer to ${userText}` }];
  sandbox = await startSandboxUnderTest({ script });
  const { turnId } = sandbox.deliver("First");
  await sandbox.hub.until(() => sandbox.hub.frames.find((frame) => frame.type === "delta" || frame.type === "part"));
  sandbox.hub.send({ type: "prompt.steer", promptId: newId("prompt"), turnId, text: "One more" });
  await sandbox.hub.untilReport("prompt.steered");
  gate.open();
  expect(await sandbox.ended({ turnId })).toMatchObject({ outcome: "completed" });
  expect(texts()).toEqual(["Nearly done.", "Answer to One more"]);
});

it("leaves a prompt that comes too late to the server, and runs it when it is delivered", async () => {
  sandbox = await startSandboxUnderTest({ script: ({ userText }) => [{ text: `Answer to ${userText}` }] });
  const { turnId } = sandbox.deliver("First");
  await sandbox.ended({ turnId });
  const promptId = newId("prompt");
  sandbox.hub.send({ type: "prompt.steer", promptId, turnId, text: "Too late" });
  await sandbox.ended(sandbox.deliver("Too late", { promptId }));
  expect(countOf("prompt.steered")).toBe(0);
  expect(texts()).toEqual(["Answer to First", "Answer to Too late"]);
});
