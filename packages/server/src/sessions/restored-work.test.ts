import { newId } from "@background-agents/shared/ids";
import type { SessionEvent, SessionEventData } from "@background-agents/shared/protocol/session-events";
import { describe, expect, it } from "vitest";
import { nextRestored, type RestoredWork, tellNews, toRestoreOrder } from "./restored-work.ts";

const commit = "c".repeat(40);

function event(generation: number, data: Partial<SessionEventData<"work.restored">>) {
  return {
    ...{ type: "work.restored", seq: generation, v: 1, at: "2026-01-01T00:00:00.000Z", actor: "user" },
    data: {
      ...{ reason: "revert", checkpointId: newId("checkpoint"), commit, previousCheckpointId: null, generation },
      ...{ conversation: false, files: 0, additions: 0, deletions: 0 },
      ...data,
    },
  } as Extract<SessionEvent, { type: "work.restored" }>;
}

const after = (...events: ReturnType<typeof event>[]) =>
  events.reduce<RestoredWork | null>((before, one) => nextRestored(before, one), null) as RestoredWork;

describe("what a workspace follows", () => {
  it("is the last state, with the last generation that brought another conversation", () => {
    const last = event(3, { reason: "discard", paths: ["a"] });
    const restored = after(event(1, {}), event(2, { conversation: true }), last);
    expect(toRestoreOrder(restored, 3)).toEqual({
      ...{
        generation: 3,
        checkpointId: last.data.checkpointId,
        commit,
        conversation: false,
        conversationGeneration: 2,
      },
    });
    expect(toRestoreOrder(after(event(1, {})), 1)).toMatchObject({ conversation: false, conversationGeneration: 0 });
  });
});

describe("what the agent is told with its next prompt", () => {
  const discard = (generation: number, ...paths: string[]) => event(generation, { reason: "discard", paths });

  it("is each thing that happened to its work, once", () => {
    const update = event(3, { reason: "base-update", base: { branch: "main", commit } });
    const { news } = after(discard(1, "a.txt"), discard(2, "a.txt"), update);
    expect(news).toHaveLength(2);
    expect(tellNews("Go on", news)).toMatch(
      /^Go on\n\n\[Since your last turn: the user discarded changes in a.txt;.*merged main/,
    );
  });

  it("is nothing where its conversation went back, too", () => {
    const { news } = after(discard(1, "a.txt"), event(2, { conversation: true }));
    expect(tellNews("Go on", news)).toBe("Go on");
  });

  it("names no more than 20 files", () => {
    const paths = Array.from({ length: 25 }, (_, number) => `file${number}`);
    expect(after(discard(1, ...paths)).news[0]).toContain("file19 and 5 more files");
  });
});
