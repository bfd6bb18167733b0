import { afterEach, expect, it } from "vitest";
import { type SandboxUnderTest, startSandboxUnderTest } from "../src/testing/sandbox-under-test.ts";
import type { Script } from "../src/testing/script-step.ts";

let sandbox: SandboxUnderTest;
afterEach(() => sandbox.close());

const questions = [
  { question: "Keep the column?", header: "Column", options: [{ label: "Yes", description: "It stays" }] },
];
const script: Script = ({ userText, toolResults }) => {
  if (toolResults.length > 0) return [{ text: "Went on." }];
  if (userText === "Ask") return [{ tool: "question", input: { questions } }];
  return [{ tool: "bash", input: { command: userText, description: "d" } }];
};
const asksForBash = { permission: { "*": "allow", bash: "ask" } };

/** What the tool of the last turn gave the model. */
const lastResult = () => JSON.stringify(sandbox.model.requests.at(-1)?.toolResults);
const countOf = (kind: string) => sandbox.hub.bodies().filter((body) => body.kind === kind).length;

it("brings a question to the server and the answer to the agent, across a cut link", async () => {
  sandbox = await startSandboxUnderTest({ script });
  const prompt = sandbox.deliver("Ask");
  const { questionId, ...asked } = await sandbox.hub.untilReport("question.asked");
  expect(asked).toMatchObject({ kind: "question.asked", ...prompt, questions });
  expect(sandbox.model.requests[0]?.tools).toContain("question");

  sandbox.hub.cut();
  await sandbox.hub.until(() => (countOf("question.asked") === 2 ? true : undefined));
  expect(countOf("turn.saving")).toBe(0);

  sandbox.hub.send({ type: "question.answer", questionId, answers: [["Yes"]] });
  expect(await sandbox.ended(prompt)).toMatchObject({ outcome: "completed" });
  expect(await sandbox.hub.untilReport("question.closed")).toMatchObject({ ...prompt, questionId, answers: [["Yes"]] });
  expect(lastResult()).toContain("Yes");
});

it("tells the agent that there will be no answer, and the server that an unknown question is closed", async () => {
  sandbox = await startSandboxUnderTest({ script });
  const prompt = sandbox.deliver("Ask");
  const { questionId } = await sandbox.hub.untilReport("question.asked");
  sandbox.hub.send({ type: "question.answer", questionId: "que_gone", answers: [["Yes"]] });
  const gone = await sandbox.hub.untilReport("question.closed", (body) => body.questionId === "que_gone");
  expect(gone).toMatchObject({ ...prompt, answers: null });
  sandbox.hub.send({ type: "question.answer", questionId, answers: null });
  await sandbox.hub.untilReport("question.closed", (body) => body.questionId === questionId && body.answers === null);
  await sandbox.ended(prompt);
  expect(await sandbox.ended(sandbox.deliver("echo next"))).toMatchObject({ outcome: "completed" });
});

it("stops a turn that waits for an answer", async () => {
  sandbox = await startSandboxUnderTest({ script });
  const prompt = sandbox.deliver("Ask");
  await sandbox.hub.untilReport("question.asked");
  sandbox.hub.send({ type: "turn.stop", turnId: prompt.turnId });
  expect(await sandbox.ended(prompt)).toMatchObject({ outcome: "interrupted" });
  expect(await sandbox.ended(sandbox.deliver("echo next"))).toMatchObject({ outcome: "completed" });
});

it("asks for permission where the configuration says so, and does as it is told", async () => {
  sandbox = await startSandboxUnderTest({
    script,
    spec: (spec) => ({ ...spec, opencodeConfig: { ...spec.opencodeConfig, ...asksForBash } }),
  });
  const first = sandbox.deliver("echo allowed > allowed.txt");
  const asked = await sandbox.hub.untilReport("permission.asked");
  expect(asked).toMatchObject({ ...first, permission: "bash", patterns: [expect.stringContaining("allowed")] });
  sandbox.hub.send({ type: "permission.answer", permissionId: asked.permissionId, reply: "once" });
  expect(await sandbox.ended(first)).toMatchObject({ outcome: "completed" });
  expect((await sandbox.run("cat allowed.txt")).stdout).toBe("allowed\n");
  await sandbox.hub.untilReport("permission.closed", (body) => body.reply === "once");

  const second = sandbox.deliver("echo refused > refused.txt");
  const next = await sandbox.hub.untilReport("permission.asked", (body) => body.turnId === second.turnId);
  const reply = { reply: "reject", message: "use the other file" } as const;
  sandbox.hub.send({ type: "permission.answer", permissionId: next.permissionId, ...reply });
  await sandbox.ended(second);
  expect((await sandbox.run("ls refused.txt")).exitCode).not.toBe(0);
  expect(lastResult()).toContain("use the other file");
});
