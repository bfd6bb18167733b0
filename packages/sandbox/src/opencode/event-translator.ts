import type { OpenPart, SettledPart, Todo } from "@background-agents/shared/sessions/part";
import type { MessageInfo, OpenCodeEvent, OpenCodePart, TextPart, ToolPart } from "./opencode-events.ts";
import { childSessionOf, fullOutputFileOf, interruptedTool, openTool, settledTool } from "./tool-translator.ts";

export type TurnOutput =
  | { kind: "open"; part: OpenPart }
  | { kind: "delta"; partId: string; offset: number; text: string }
  /** `fullOutputFile`: where OpenCode keeps a tool's whole output, when it gave only a part of it. */
  | { kind: "settled"; part: SettledPart; fullOutputFile?: string }
  | { kind: "todos"; todos: Todo[] };

interface Tracked {
  index: number;
  rev: number;
  parentPartId: string | undefined;
  /** Text so far, deltas included; a tool's text stays empty. */
  text: string;
  kind: OpenPart["kind"];
  last: OpenCodePart;
  settled: boolean;
}

export interface EventTranslatorDeps {
  sessionId: string;
  /** Path of the working tree. */
  tree: string;
  /** Most characters of live output in an open part. */
  openOutputLimit: number;
  nowMs: () => number;
}

const isText = (part: OpenCodePart): part is TextPart => part.type === "text" || part.type === "reasoning";
const isTool = (part: OpenCodePart): part is ToolPart => part.type === "tool";

/**
 * Turns OpenCode's events of one turn into open parts, deltas and settled parts. Touches nothing outside: events in,
 * outputs back. A part settles once, however often OpenCode repeats it.
 *
 * | OpenCode                              | becomes                          |
 * |---------------------------------------|----------------------------------|
 * | part.updated text, no `time.end`      | open                             |
 * | part.delta                            | delta                            |
 * | part.updated text with `time.end`     | settled                          |
 * | part.updated tool pending, running    | open (whole, with a new `rev`)   |
 * | part.updated tool completed, error    | settled                          |
 * | part.removed of an open part          | settled, as far as it had come   |
 * | anything of a user's message          | nothing                          |
 */
export function createEventTranslator({ sessionId, tree, openOutputLimit, nowMs }: EventTranslatorDeps) {
  const parts = new Map<string, Tracked>();
  const assistants = new Set<string>();
  const users = new Set<string>();
  /** Child session → the `task` call that runs it. */
  const children = new Map<string, string | undefined>();
  let nextIndex = 0;

  const isOurs = (session: string) => session === sessionId || children.has(session);

  function openPartOf(partId: string, tracked: Tracked): OpenPart {
    const { index, rev, kind, text, parentPartId, last } = tracked;
    return {
      partId,
      kind,
      index,
      rev,
      text,
      ...(parentPartId === undefined ? {} : { parentPartId }),
      ...(isTool(last) ? { tool: openTool(last, openOutputLimit) } : {}),
    };
  }

  function settle(partId: string, tracked: Tracked, force: boolean): TurnOutput[] {
    const { last, index, kind, parentPartId } = tracked;
    if (tracked.settled) return [];
    const base = { partId, kind, index, ...(parentPartId === undefined ? {} : { parentPartId }) };
    if (isTool(last)) {
      const tool = force ? interruptedTool(last, tree, nowMs()) : settledTool(last, tree);
      if (!tool) return [];
      tracked.settled = true;
      const file = fullOutputFileOf(last.state);
      return [{ kind: "settled", part: { ...base, tool }, ...(file === undefined ? {} : { fullOutputFile: file }) }];
    }
    if (!isText(last)) return [];
    const ended = last.time?.end;
    if (ended === undefined && !force) return [];
    tracked.settled = true;
    const text = ended === undefined ? tracked.text : last.text;
    const started = last.time?.start;
    const lasted = started === undefined ? {} : { durationMs: Math.max(0, (ended ?? nowMs()) - started) };
    return [{ kind: "settled", part: { ...base, text, ...lasted } }];
  }

  function lastRunningTask(): string | undefined {
    let found: string | undefined;
    for (const [id, { last, settled }] of parts) if (!settled && isTool(last) && last.tool === "task") found = id;
    return found;
  }

  function onPart(part: OpenCodePart): TurnOutput[] {
    if (!isOurs(part.sessionID) || users.has(part.messageID) || !assistants.has(part.messageID)) return [];
    if (!isText(part) && !isTool(part)) return [];
    if (isTool(part)) {
      const child = childSessionOf(part.state);
      if (child !== undefined) children.set(child, part.id);
    }
    const known = parts.get(part.id);
    if (known?.settled) return [];
    const tracked: Tracked = known ?? {
      index: nextIndex++,
      rev: 0,
      parentPartId: children.get(part.sessionID),
      text: "",
      kind: part.type === "tool" ? "tool" : part.type,
      last: part,
      settled: false,
    };
    if (known) tracked.rev += 1;
    else parts.set(part.id, tracked);
    tracked.last = part;
    // An update without an end repeats an older text than the deltas have brought: never go back.
    if (isText(part) && part.text.length >= tracked.text.length) tracked.text = part.text;
    const settled = settle(part.id, tracked, false);
    return settled.length > 0 ? settled : [{ kind: "open", part: openPartOf(part.id, tracked) }];
  }

  function onDelta(partId: string, text: string): TurnOutput[] {
    const tracked = parts.get(partId);
    if (!tracked || tracked.settled || text === "" || isTool(tracked.last)) return [];
    const offset = tracked.text.length;
    tracked.text += text;
    return [{ kind: "delta", partId, offset, text }];
  }

  function onMessage(info: MessageInfo): void {
    if (isOurs(info.sessionID)) (info.role === "user" ? users : assistants).add(info.id);
  }

  return {
    /** The outputs of one event, in order. */
    accept(event: OpenCodeEvent): TurnOutput[] {
      switch (event.type) {
        case "session.created": {
          const { id, parentID } = event.properties.info;
          if (parentID !== undefined && isOurs(parentID) && !children.has(id)) children.set(id, lastRunningTask());
          return [];
        }
        case "message.updated":
          onMessage(event.properties.info);
          return [];
        case "message.part.updated":
          return onPart(event.properties.part);
        case "message.part.delta":
          return event.properties.field === "text" ? onDelta(event.properties.partID, event.properties.delta) : [];
        case "message.part.removed": {
          const tracked = parts.get(event.properties.partID);
          return tracked ? settle(event.properties.partID, tracked, true) : [];
        }
        case "todo.updated":
          return event.properties.sessionID === sessionId ? [{ kind: "todos", todos: event.properties.todos }] : [];
        case "session.status":
        case "session.idle":
        case "session.error":
        case "server.connected":
        case "question.asked":
        case "question.replied":
        case "question.rejected":
        case "permission.asked":
        case "permission.replied":
          return [];
      }
    },
    /** Messages as OpenCode's own store has them: brings what the events have not, or not yet. */
    reconcile(messages: readonly { info: MessageInfo; parts: readonly OpenCodePart[] }[]): TurnOutput[] {
      for (const { info } of messages) onMessage(info);
      return messages.flatMap((message) => message.parts.flatMap((part) => onPart(part)));
    },
    /** Settles everything that is still open: at the end of the turn nothing grows any more. */
    settleAll(): TurnOutput[] {
      return [...parts].flatMap(([partId, tracked]) => settle(partId, tracked, true));
    },
    /** The parts that are open now, whole. */
    openParts(): OpenPart[] {
      return [...parts]
        .filter(([, tracked]) => !tracked.settled)
        .map(([partId, tracked]) => openPartOf(partId, tracked));
    },
  };
}

export type EventTranslator = ReturnType<typeof createEventTranslator>;
