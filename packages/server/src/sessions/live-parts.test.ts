import { expect, test } from "vitest";
import { newId } from "@background-agents/shared/ids";
import type { SessionFrame } from "@background-agents/shared/protocol/session-frames";
import { createEventHub } from "../events/event-hub.ts";
import { createRedactor } from "../secrets/redact.ts";
import { createLiveParts } from "./live-parts.ts";

const sessionId = newId("session");
const promptId = newId("prompt");

function setup() {
  const hub = createEventHub();
  const frames: SessionFrame[] = [];
  hub.subscribe(sessionId, (frame) => frames.push(frame));
  const redactorOf = () => createRedactor([{ name: "TOKEN", value: "hunter22" }]);
  const live = createLiveParts({ hub, redactorOf, onPorts: () => undefined });
  const part = (text: string, rev: number) =>
    live.apply(sessionId, { type: "part", promptId, part: { partId: "p", kind: "text", index: 0, text, rev } });
  const delta = (offset: number, text: string) =>
    live.apply(sessionId, { type: "delta", promptId, partId: "p", offset, text });
  const text = () => live.snapshot(sessionId).openParts[0]?.part.text;
  return { live, part, delta, text, frames };
}

test("deltas append; repeated, overlapping and impossible ones change nothing that was right", () => {
  const { part, delta, text, frames } = setup();
  part("", 0);
  delta(0, "abc");
  delta(0, "abc");
  delta(2, "cde");
  delta(9, "zzz");
  expect(text()).toBe("abcde");
  const told = frames.flatMap((frame) => (frame.type === "delta" ? [{ at: frame.offset, text: frame.text }] : []));
  expect(told).toEqual([
    { at: 0, text: "abc" },
    { at: 3, text: "de" },
  ]);
});

test("an older revision does not replace a newer one", () => {
  const { part, text } = setup();
  part("new", 2);
  part("old", 1);
  expect(text()).toBe("new");
});

test("a settled part and an ended turn leave nothing open", () => {
  const { live, part } = setup();
  part("x", 0);
  live.settle(sessionId, "p");
  expect(live.snapshot(sessionId).openParts).toEqual([]);
  part("y", 0);
  live.clearParts(sessionId);
  expect(live.snapshot(sessionId).openParts).toEqual([]);
});

test("the boot log keeps its last 64,000 characters", () => {
  const { live } = setup();
  for (let line = 0; line < 100; line += 1)
    live.apply(sessionId, { type: "log", phase: "clone", text: `${line}`.padEnd(1000) });
  const { bootLog } = live.snapshot(sessionId);
  expect(bootLog.reduce((sum, line) => sum + line.text.length, 0)).toBe(64_000);
  expect(bootLog.at(-1)?.text.trim()).toBe("99");
});

test("a secret that comes in pieces is never shown, not even its beginning", () => {
  const { part, delta, text, frames } = setup();
  part("it is hun", 0);
  expect(text()).toBe("it is ");
  delta(9, "ter2");
  delta(9, "ter2");
  delta(13, "2, and ");
  delta(20, "then");
  expect(text()).toBe("it is [secret TOKEN], and then");
  const shown = frames.flatMap((frame) => (frame.type === "delta" ? [frame] : []));
  expect(shown.map(({ offset, text: added }) => [offset, added])).toEqual([
    [6, "[secret TOKEN], and "],
    [26, "then"],
  ]);
  expect(JSON.stringify(frames)).not.toContain("hun");
});

test("what a running tool prints, its input and its title are without secrets", () => {
  const { live, frames } = setup();
  const tool = {
    ...{ name: "bash", title: "echo hunter22", status: "running" as const },
    ...{ input: { command: ["echo", "hunter22"] }, output: "hunter22\nhunter" },
  };
  const part = { partId: "t", kind: "tool" as const, index: 1, text: "", rev: 1, tool };
  live.apply(sessionId, { type: "part", promptId, part });
  expect(JSON.stringify(frames)).not.toContain("hunter");
  expect(live.snapshot(sessionId).openParts[0]?.part.tool?.output).toBe("[secret TOKEN]\n");
});

test("a boot's log is without secrets", () => {
  const { live } = setup();
  live.apply(sessionId, { type: "log", phase: "setup", text: "password hunt" });
  live.apply(sessionId, { type: "log", phase: "setup", text: "er22\n" });
  const { bootLog } = live.snapshot(sessionId);
  expect(bootLog.map(({ text }) => text).join("")).toBe("password [secret TOKEN]\n");
});

test("live output that begins in the midst of a value, and may end in one, shows neither", () => {
  const { live } = setup();
  const tool = { name: "bash", status: "running", output: "nter22 and hunter22 and hunt" } as const;
  const part = { partId: "t", kind: "tool", index: 0, text: "", rev: 0, tool } as const;
  live.apply(sessionId, { type: "part", promptId, part });
  expect(live.snapshot(sessionId).openParts[0]?.part.tool?.output).toBe("[secret TOKEN] and [secret TOKEN] and ");
});
