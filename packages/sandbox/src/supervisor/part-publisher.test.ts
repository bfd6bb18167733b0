import { newId } from "@background-agents/shared/ids";
import type { SupervisorFrame } from "@background-agents/shared/protocol/supervisor-frames";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createPartPublisher } from "./part-publisher.ts";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const open = (rev: number, text = "") => ({ partId: "p", kind: "text" as const, index: 0, rev, text });

function start() {
  const frames: SupervisorFrame[] = [];
  const publisher = createPartPublisher({ promptId: newId("prompt"), send: (frame) => frames.push(frame) });
  const said = () =>
    frames.splice(0).map((frame) => {
      if (frame.type === "delta") return `${frame.offset}:${frame.text}`;
      return frame.type === "part" ? `part ${frame.part.rev}` : frame.type;
    });
  return { publisher, said };
}

it("sends the first at once and merges what follows within 50 ms", () => {
  const { publisher, said } = start();
  publisher.open(open(0));
  expect(said()).toEqual(["part 0"]);
  publisher.delta("p", 0, "a");
  publisher.delta("p", 1, "b");
  expect(said()).toEqual([]);
  vi.advanceTimersByTime(50);
  expect(said()).toEqual(["0:ab"]);
});

it("sends whole parts at most every 100 ms, always the last", () => {
  const { publisher, said } = start();
  for (const rev of [0, 1, 2, 3]) publisher.open(open(rev));
  expect(said()).toEqual(["part 0"]);
  vi.advanceTimersByTime(99);
  expect(said()).toEqual([]);
  vi.advanceTimersByTime(2);
  expect(said()).toEqual(["part 3"]);
});

it("forgets what waits for a part that settled", () => {
  const { publisher, said } = start();
  publisher.open(open(0));
  publisher.delta("p", 0, "late");
  publisher.drop("p");
  vi.advanceTimersByTime(1000);
  expect(said()).toEqual(["part 0"]);
});
