import { newId, type PromptId, type TurnId } from "@background-agents/shared/ids";
import type { UpdatePromptBody } from "@background-agents/shared/protocol/commands";
import type { NewSessionEvent } from "@background-agents/shared/protocol/session-events";
import type { PromptMode, Session } from "@background-agents/shared/sessions/session";
import { cannedAskingTurn, cannedPushTurn } from "./canned-asking.ts";
import { cannedGuardTurn } from "./canned-guard-turn.ts";
import { type CannedStep, cannedBoot, cannedTurn } from "./canned-session.ts";

/** The prompts of one session: one is played, the others wait behind it. */
export function createFakePrompts(deps: {
  session: Session;
  record: (event: NewSessionEvent) => void;
  show: (change: Partial<Session>) => void;
  /** Plays steps at the stand-in's pace. */
  run: (steps: CannedStep[]) => Promise<void>;
  isSandboxUp: () => boolean;
  onTurnEnded: () => void;
}) {
  const { session, record, show, run } = deps;
  const waiting: { id: PromptId; text: string }[] = [];
  const taken = new Set<PromptId>();
  let running: { promptId: PromptId; turnId: TurnId } | null = null;

  async function play(promptId: PromptId, text: string): Promise<void> {
    running = { promptId, turnId: newId("turn") };
    if (!deps.isSandboxUp()) {
      show({ status: "starting", statusReason: "starting: creating the container", attention: "working" });
      await run(cannedBoot());
    }
    show({ status: "working", statusReason: "working", attention: "working" });
    await run(turnFor(text)(promptId, running.turnId));
    running = null;
    deps.onTurnEnded();
    show({ status: "idle", statusReason: "+42 −7 · 3 files", attention: "review" });
    const next = waiting.shift();
    if (next) void play(next.id, next.text);
  }

  /** A prompt joins the running turn, waits behind it, or begins one; the same one sent again is the same one. */
  function take(id: PromptId, text: string, mode: PromptMode): void {
    if (taken.has(id)) return;
    taken.add(id);
    const { model, effort } = session;
    record({ type: "prompt.queued", actor: "user", promptId: id, data: { text, mode, model, effort } });
    if (!running) void play(id, text);
    else if (mode === "steer") {
      record({ type: "prompt.steered", actor: "agent", promptId: id, turnId: running.turnId, data: {} });
    } else waiting.push({ id, text });
  }

  function update(id: PromptId, { text, before }: UpdatePromptBody): void {
    const at = waiting.findIndex((prompt) => prompt.id === id);
    const prompt = waiting[at];
    if (!prompt) return;
    if (text !== undefined) {
      prompt.text = text;
      record({ type: "prompt.edited", actor: "user", promptId: id, data: { text } });
    }
    if (before === undefined) return;
    waiting.splice(at, 1);
    const place = before === null ? -1 : waiting.findIndex((other) => other.id === before);
    waiting.splice(place === -1 ? waiting.length : place, 0, prompt);
    record({ type: "prompt.reordered", actor: "user", data: { order: waiting.map((other) => other.id) } });
  }

  function cancel(id: PromptId): void {
    const at = waiting.findIndex((prompt) => prompt.id === id);
    if (at !== -1) waiting.splice(at, 1);
    record({ type: "prompt.cancelled", actor: "user", promptId: id, data: {} });
  }

  return { running: () => running, play, take, update, cancel };
}

/** Prompts that say so ask, push or meet the session's guards. */
function turnFor(text: string): typeof cannedTurn {
  if (/\bask\b/i.test(text)) return cannedAskingTurn;
  if (/\bpush\b/i.test(text)) return cannedPushTurn;
  return /\bguard\b/i.test(text) ? cannedGuardTurn : cannedTurn;
}
