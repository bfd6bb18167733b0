import { afterEach, expect, it } from "vitest";
import { type SandboxUnderTest, startSandboxUnderTest } from "../src/testing/sandbox-under-test.ts";
import type { Script } from "../src/testing/script-step.ts";

let sandbox: SandboxUnderTest;
afterEach(() => sandbox.close());

// As the server builds them; its own test holds them fast.
const AUTO = { "*": "allow", question: "allow" };
const ASK = { "*": "allow", question: "allow", bash: "ask", edit: "ask", webfetch: "ask" };
const PLAN = { "*": "allow", question: "allow", bash: "ask", edit: "deny" };

const script: Script = ({ userText, toolResults }) => {
  if (toolResults.length > 0) return [{ text: "Went on." }];
  const [tool = "", argument = ""] = userText.split(": ");
  if (tool === "bash") return [{ tool, input: { command: argument, description: "d" } }];
  const filePath = `${sandbox.tree}/${argument}`;
  return [{ tool, input: tool === "write" ? { filePath, content: "written\n" } : { filePath } }];
};

const asked = () => sandbox.hub.bodies().flatMap((body) => (body.kind === "permission.asked" ? [body.permission] : []));
const toolsOffered = () => sandbox.model.requests.at(-1)?.tools ?? [];
const lastResult = () => JSON.stringify(sandbox.model.requests.at(-1)?.toolResults);
const listed = async (name: string) => (await sandbox.run(`ls ${name}`)).exitCode === 0;

it("asks before commands and edits, but not before reading", async () => {
  sandbox = await startSandboxUnderTest({ script });
  const edit = sandbox.deliver("write: edited.txt", { permission: ASK });
  const { permissionId } = await sandbox.hub.untilReport("permission.asked");
  expect(asked()).toEqual(["edit"]);
  expect(await listed("edited.txt")).toBe(false);
  sandbox.hub.send({ type: "permission.answer", permissionId, reply: "once" });
  await sandbox.ended(edit);
  expect(await listed("edited.txt")).toBe(true);

  const read = sandbox.deliver("read: README.md", { permission: ASK });
  expect(await sandbox.ended(read)).toMatchObject({ outcome: "completed" });
  expect(lastResult()).toContain("A small repository");
  expect(asked()).toEqual(["edit"]);

  const command = sandbox.deliver("bash: echo once", { permission: ASK });
  const second = await sandbox.hub.untilReport("permission.asked", (body) => body.turnId === command.turnId);
  expect(second.permission).toBe("bash");
  sandbox.hub.send({ type: "permission.answer", permissionId: second.permissionId, reply: "once" });
  await sandbox.ended(command);

  // By pattern: OpenCode takes commands as they are written, and paths from the top of the tree.
  const byPattern = { bash: { "*": "ask", "echo fine*": "allow" }, edit: { "*": "ask", "docs/*": "allow" } };
  const permission = { ...ASK, ...byPattern };
  await sandbox.ended(sandbox.deliver("bash: echo fine, too", { permission }));
  await sandbox.ended(sandbox.deliver("write: docs/new.txt", { permission }));
  expect(asked()).toEqual(["edit", "bash"]);
  const other = sandbox.deliver("bash: touch other.txt", { permission });
  const third = await sandbox.hub.untilReport("permission.asked", (body) => body.turnId === other.turnId);
  sandbox.hub.send({ type: "permission.answer", permissionId: third.permissionId, reply: "reject" });
  await sandbox.ended(other);
  expect([await listed("docs/new.txt"), await listed("other.txt")]).toEqual([true, false]);
});

it("does not edit while it plans, and asks before a command", async () => {
  sandbox = await startSandboxUnderTest({ script });
  await sandbox.ended(sandbox.deliver("write: planned.txt", { permission: PLAN }));
  expect(await listed("planned.txt")).toBe(false);
  expect(toolsOffered()).not.toContain("write");
  expect(toolsOffered()).toContain("read");

  const command = sandbox.deliver("bash: touch planned.txt", { permission: PLAN });
  const { permissionId } = await sandbox.hub.untilReport("permission.asked");
  sandbox.hub.send({ type: "permission.answer", permissionId, reply: "reject" });
  await sandbox.ended(command);
  expect(await listed("planned.txt")).toBe(false);
});

it("works under another mode from the next turn on, in the same conversation and without a word of a crash", async () => {
  sandbox = await startSandboxUnderTest({ script });
  await sandbox.ended(sandbox.deliver("write: first.txt", { permission: PLAN }));
  const before = sandbox.openCodePids();
  const turn = sandbox.deliver("write: second.txt", { permission: AUTO });
  expect(await sandbox.ended(turn)).toMatchObject({ outcome: "completed" });
  expect(await listed("second.txt")).toBe(true);
  expect(asked()).toEqual([]);
  expect(sandbox.openCodePids()).not.toEqual(before);
  expect(JSON.stringify(sandbox.model.requests.at(-1))).toContain("first.txt");
  expect(sandbox.hub.bodies().filter((body) => body.kind === "notice")).toEqual([]);

  const again = sandbox.openCodePids();
  await sandbox.ended(sandbox.deliver("write: third.txt", { permission: AUTO }));
  expect(sandbox.openCodePids()).toEqual(again);
});
