import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newId } from "@background-agents/shared/ids";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openPromptStore } from "./prompt-store.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "prompts-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

const model = { providerID: "anthropic", modelID: "m" };
const makePrompt = () => ({ promptId: newId("prompt"), turnId: newId("turn"), text: "t", model, startedAtMs: 1 });

it("knows prompts that joined a turn as taken, during it, after a restart and after its end", async () => {
  const open = makePrompt();
  const joined = { promptId: newId("prompt"), messageId: "msg_1" };
  const store = await openPromptStore(directory);
  await store.recordOpen(open);
  expect(store.isKnown(joined.promptId)).toBe(false);
  await store.recordSteered(joined);
  expect((await openPromptStore(directory)).open()?.steered).toEqual([joined]);
  await store.recordEnded(open.promptId);
  const later = await openPromptStore(directory);
  expect([later.open(), later.isKnown(open.promptId), later.isKnown(joined.promptId)]).toEqual([undefined, true, true]);
});

it("takes a prompt again that did not join after all", async () => {
  const open = makePrompt();
  const lost = newId("prompt");
  const store = await openPromptStore(directory);
  await store.recordOpen(open);
  await store.recordSteered({ promptId: lost, messageId: "msg_1" });
  await store.forgetSteered(lost);
  await store.recordEnded(open.promptId);
  expect((await openPromptStore(directory)).isKnown(lost)).toBe(false);
});
