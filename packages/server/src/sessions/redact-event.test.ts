import type { NewSessionEvent } from "@background-agents/shared/protocol/session-events";
import { leftOut } from "@background-agents/shared/sessions/left-out";
import { TITLE_LIMIT } from "@background-agents/shared/sessions/part";
import { expect, test } from "vitest";
import { createRedactor } from "../secrets/redact.ts";
import { redactEvent } from "./redact-event.ts";

const VALUE = "hunter22-and-more";
const redactor = createRedactor([{ name: "TOKEN", value: VALUE }]);
const redact = (event: NewSessionEvent): object => redactEvent(event, redactor).data;

test("the end of a log that begins in the midst of a value", () => {
  const logTail = `22-and-more\nmade with ${VALUE}`;
  const setup = { outcome: "failed", exitCode: 1, durationMs: 1, logTail } as const;
  const shown = { logTail: "[secret TOKEN]\nmade with [secret TOKEN]" };
  expect(redact({ type: "setup.ended", actor: "server", data: setup })).toMatchObject(shown);
  const failed = { code: "sandbox.lost", reason: "it ended", logTail };
  expect(redact({ type: "sandbox.failed", actor: "server", data: failed })).toMatchObject(shown);
});

test("a call whose output, input and title were cut within a value", () => {
  const cut = `x hunter22\n${leftOut(100_000)}\n-and-more x`;
  const title = `${"x".repeat(TITLE_LIMIT - 9)} hunter22`;
  const tool = {
    name: "bash",
    status: "completed",
    input: { deep: [cut] },
    output: cut,
    title,
    durationMs: 1,
  } as const;
  const part = { partId: "p", kind: "tool", index: 0, tool } as const;
  const { tool: shown } = redact({ type: "part.settled", actor: "agent", data: part }) as { tool: typeof tool };
  const hidden = `x [secret TOKEN]\n${leftOut(100_000)}\n[secret TOKEN] x`;
  expect(shown).toMatchObject({ output: hidden, input: { deep: [hidden] } });
  expect(shown.title).not.toContain("hunter22");
  expect(shown.title.length).toBeLessThanOrEqual(TITLE_LIMIT);
});
