import { newId } from "@background-agents/shared/ids";
import type { SessionEvent } from "@background-agents/shared/protocol/session-events";
import type { CommentStatus } from "@background-agents/shared/reviews/comment";
import { describe, expect, it } from "vitest";
import type { Prompt } from "@background-agents/shared/sessions/session";
import type { SessionState } from "../sessions/session-state.ts";
import { decideComment, findSendable, type CommentCommand } from "./comment-machine.ts";
import { findSince } from "./comment-since.ts";
import type { StoredComment } from "./comment-store.ts";

const AT = "2026-01-02T03:04:05.000Z";
const sessionId = newId("session");

function comment(status: CommentStatus, changes: Partial<StoredComment> = {}): StoredComment {
  return {
    id: newId("comment"),
    sessionId,
    text: "Hm.",
    status,
    anchor: { path: "a.txt", side: "new", lines: { start: 1, end: 1 }, at: "base", quote: "a" },
    commit: "a".repeat(40),
    promptId: status === "draft" ? null : newId("prompt"),
    outcome: null,
    createdAt: AT,
    sentAt: null,
    closedAt: null,
    ...changes,
  };
}

const outcome = { checkpointId: null, promptId: null, hunk: null, answer: "No." };
const settle: CommentCommand = { type: "settle", status: "answered", outcome };

describe("decideComment", () => {
  it.each<[CommentStatus, CommentCommand, string[], CommentStatus | "gone"]>([
    ["draft", { type: "edit", text: "Other." }, ["comment.edited"], "draft"],
    ["draft", { type: "edit", text: "Hm." }, [], "draft"],
    ["draft", { type: "remove" }, ["comment.removed"], "gone"],
    ["draft", { type: "resolve" }, ["comment.resolved"], "resolved"],
    ["draft", { type: "reopen" }, [], "draft"],
    ["draft", settle, [], "draft"],
    ["sent", { type: "resolve" }, ["comment.resolved"], "resolved"],
    ["sent", { type: "reopen" }, [], "sent"],
    ["sent", settle, ["comment.resolved"], "answered"],
    ["addressed", { type: "resolve" }, [], "addressed"],
    ["addressed", { type: "reopen" }, ["comment.reopened"], "sent"],
    ["answered", settle, [], "answered"],
    ["answered", { type: "reopen" }, ["comment.reopened"], "sent"],
    ["resolved", { type: "resolve" }, [], "resolved"],
    ["resolved", { type: "reopen" }, ["comment.reopened"], "sent"],
  ])("%s, %j: %j, then %s", (...[status, command, types, then]) => {
    const decision = decideComment(comment(status), command, AT);
    expect(decision.events.map(({ type }) => type)).toEqual(types);
    expect(decision.comment?.status ?? "gone").toBe(then);
  });

  it.each<CommentStatus>(["sent", "addressed", "answered", "resolved"])(
    "changes no text of one that is %s",
    (status) => {
      for (const command of [{ type: "edit", text: "x" }, { type: "remove" }] as const) {
        expect(() => decideComment(comment(status), command, AT)).toThrow(/only a draft/);
      }
    },
  );

  it("opens one again as a draft that never was sent", () => {
    const never = comment("resolved", { promptId: null });
    expect(decideComment(never, { type: "reopen" }, AT).comment?.status).toBe("draft");
  });
});

describe("findSendable", () => {
  const turnId = newId("turn");
  const prompt = (status: Prompt["status"], id: string | null = turnId) => ({ status, turnId: id }) as Prompt;
  const idle = { prompts: [] as Prompt[] } as SessionState;
  const working = { prompts: [prompt("running")] } as SessionState;

  it.each<[string, StoredComment, Prompt | undefined, SessionState, ReturnType<typeof findSendable>]>([
    ["a draft", comment("draft"), undefined, idle, "next"],
    ["with a prompt that waits", comment("sent"), prompt("queued", null), idle, undefined],
    ["with a prompt that was taken back", comment("sent"), prompt("cancelled", null), working, "next"],
    ["with a prompt that the agent works on", comment("sent"), prompt("running"), working, undefined],
    ["steered into a turn that runs", comment("sent"), prompt("steered"), working, undefined],
    ["steered into a turn that is over", comment("sent"), prompt("steered"), idle, "again"],
    ["ignored", comment("sent"), prompt("completed"), idle, "again"],
    ["with a prompt that failed", comment("sent"), prompt("failed"), idle, "again"],
    ["with a prompt that was interrupted", comment("sent"), prompt("interrupted"), idle, "again"],
    ["closed", comment("addressed"), prompt("completed"), idle, undefined],
    ["closed as a draft", comment("resolved", { promptId: null }), undefined, idle, undefined],
  ])("%s", (...[, of, its, state, expected]) => {
    expect(findSendable(of, its, state)).toBe(expected);
  });
});

describe("findSince", () => {
  const id = newId("comment");
  const other = newId("comment");
  const base = "0".repeat(40);
  const at = (name: string) => name.repeat(40);
  let seq = 0;
  const event = (type: string, data: unknown, actor = "server") =>
    ({ seq: (seq += 1), v: 1, at: AT, actor, type, data }) as SessionEvent;
  const checkpoint = (name: string, origin?: string) => event("checkpoint.created", { commit: at(name), origin });
  const restored = (name: string) => event("work.restored", { commit: at(name) }, "user");
  /** As it is recorded with the checkpoint of a turn that merged its base. */
  const moved = (name: string) => event("work.restored", { commit: at(name), reason: "base-update" }, "agent");
  const sent = event("comment.sent", { commentIds: [other, id] });
  const reopened = event("comment.reopened", { commentId: id });

  it.each<[string, SessionEvent[], ReturnType<typeof findSince>]>([
    ["never sent", [checkpoint("a")], undefined],
    ["another one sent", [event("comment.sent", { commentIds: [other] })], undefined],
    ["sent before any checkpoint", [sent], { commit: base, asked: { number: 2, seq: sent.seq }, byTurn: false }],
    ["sent", [checkpoint("a"), sent], { commit: at("a"), asked: { number: 2, seq: sent.seq }, byTurn: false }],
    [
      "a turn since",
      [checkpoint("a"), sent, checkpoint("b")],
      { commit: at("a"), asked: { number: 2, seq: sent.seq }, byTurn: true },
    ],
    [
      "the user went back since",
      [checkpoint("a"), sent, checkpoint("b"), restored("c")],
      { commit: at("c"), asked: { number: 2, seq: sent.seq }, byTurn: false },
    ],
    [
      "a turn since, which moved the base too",
      [checkpoint("a"), sent, checkpoint("b"), moved("b")],
      { commit: at("a"), asked: { number: 2, seq: sent.seq }, byTurn: true },
    ],
    [
      "sent after a turn that moved the base",
      [checkpoint("a"), checkpoint("b"), moved("b"), sent],
      { commit: at("b"), asked: { number: 2, seq: sent.seq }, byTurn: false },
    ],
    [
      "a turn after going back",
      [checkpoint("a"), sent, restored("c"), checkpoint("d")],
      { commit: at("c"), asked: { number: 2, seq: sent.seq }, byTurn: true },
    ],
    [
      "the user discarded something since",
      [checkpoint("a"), sent, checkpoint("c", "discard")],
      { commit: at("c"), asked: { number: 2, seq: sent.seq }, byTurn: false },
    ],
    [
      "opened again",
      [checkpoint("a"), sent, checkpoint("b"), reopened],
      { commit: at("b"), asked: null, byTurn: false },
    ],
  ])("%s", (_name, events, expected) => {
    expect(findSince(events, id, base)).toEqual(expected);
  });
});
