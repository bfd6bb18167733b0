import { newId, type TurnId } from "@background-agents/shared/ids";
import type { Checkpoint } from "@background-agents/shared/sessions/session";
import { describe, expect, it } from "vitest";
import { buildScopes, type ScopeFacts } from "./build-scopes.ts";

const turns: TurnId[] = [newId("turn"), newId("turn"), newId("turn")];

function checkpoint(over: Partial<Checkpoint> = {}): Checkpoint {
  return {
    id: newId("checkpoint"),
    sessionId: newId("session"),
    origin: "turn",
    turnId: null,
    promptId: null,
    parentId: null,
    commit: "a".repeat(40),
    changes: { files: 1, additions: 1, deletions: 0 },
    createdAt: new Date(0).toISOString(),
    ...over,
  };
}

const first = checkpoint({ turnId: turns[0] ?? null });
const second = checkpoint({ turnId: turns[1] ?? null, parentId: first.id });
const third = checkpoint({ turnId: turns[2] ?? null, parentId: second.id });

const facts = (over: Partial<ScopeFacts> = {}): ScopeFacts => ({
  checkpoints: [third, first, second],
  numberOfTurn: (turnId) => turns.indexOf(turnId) + 1,
  head: third.id,
  looked: null,
  live: null,
  ...over,
});
const labels = (over?: Partial<ScopeFacts>) => buildScopes(facts(over)).map(({ label }) => label);

describe("what the changes can be looked at from", () => {
  it("is the whole and each step, the newest first", () => {
    expect(labels()).toEqual(["All changes", "Turn 3", "Turn 2", "Turn 1"]);
  });

  it("compares a step with what it began from", () => {
    const scopes = buildScopes(facts());
    expect(scopes.map(({ diff }) => [diff.from, diff.to])).toEqual([
      ["base", third.id],
      [second.id, third.id],
      [first.id, second.id],
      ["base", first.id],
    ]);
    expect(scopes.map(({ reachesNow }) => reachesNow)).toEqual([true, true, false, false]);
  });

  it("follows the tree of a running turn", () => {
    const scopes = buildScopes(
      facts({ head: second.id, checkpoints: [first, second], live: { turnId: turns[2] as TurnId } }),
    );
    expect(scopes.map(({ label, diff }) => [label, diff.from, diff.to])).toEqual([
      ["All changes", "base", "live"],
      ["Turn 3, so far", second.id, "live"],
      ["Turn 2", first.id, second.id],
      ["Turn 1", "base", first.id],
    ]);
    expect(scopes.map(({ reachesNow }) => reachesNow)).toEqual([true, true, false, false]);
  });

  it("offers what came since the last look, and says when that is nothing", () => {
    expect(labels({ looked: second.id })[1]).toBe("Since my last look");
    expect(buildScopes(facts({ looked: second.id }))[1]).toMatchObject({ diff: { from: second.id, to: third.id } });
    expect(buildScopes(facts({ looked: third.id }))[1]?.note).toBe("nothing new");
    expect(buildScopes(facts({ looked: third.id, live: { turnId: turns[2] as TurnId } }))[1]?.note).toBeUndefined();
  });

  it("names what no turn made, and what a revert left aside", () => {
    const discarded = checkpoint({ origin: "discard", parentId: first.id });
    const scopes = buildScopes(facts({ checkpoints: [first, second, third, discarded], head: discarded.id }));
    expect(scopes.map(({ label, note }) => [label, note])).toEqual([
      ["All changes", undefined],
      ["Discarded by you", undefined],
      ["Turn 3", "set aside"],
      ["Turn 2", "set aside"],
      ["Turn 1", undefined],
    ]);
  });
});
