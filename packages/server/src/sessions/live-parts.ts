import type { PromptId, SessionId } from "@background-agents/shared/ids";
import type { ListeningPort } from "@background-agents/shared/sessions/listening-port";
import type { OpenPart } from "@background-agents/shared/sessions/part";
import type { BootPhase } from "@background-agents/shared/sessions/session";
import type { EventHub } from "../events/event-hub.ts";
import type { TransientFrame } from "../sandboxes/supervisor-link.ts";
import type { RedactingStream, Redactor } from "../secrets/redact.ts";
import { redactTool } from "./redact-event.ts";

const MAX_BOOT_LOG_CHARACTERS = 64_000;
const MAX_OPEN_PARTS = 500;
const MAX_PART_CHARACTERS = 2_000_000;

interface OpenEntry {
  promptId: PromptId;
  /** As it is shown: without known secret values, and without an end that may be the beginning of one. */
  part: OpenPart;
  /** How much text the supervisor sent, in UTF-16 code units. */
  received: number;
  text: RedactingStream;
}

interface Live {
  parts: Map<string, OpenEntry>;
  bootLog: { phase: BootPhase; text: string }[];
  log: RedactingStream | undefined;
}

export type LiveParts = ReturnType<typeof createLiveParts>;

/**
 * The text of parts that have not settled, and the log of the boot under way: kept in memory for browsers that come
 * late, never stored. The supervisor sends its open parts again after each reconnect, so a restart loses nothing.
 */
export function createLiveParts(deps: {
  hub: EventHub;
  redactorOf: (sessionId: SessionId) => Redactor;
  /** What listens in the sandbox is kept elsewhere. */
  onPorts: (sessionId: SessionId, ports: readonly ListeningPort[]) => void;
}) {
  const sessions = new Map<SessionId, Live>();
  const liveOf = (sessionId: SessionId): Live => {
    const live = sessions.get(sessionId) ?? { parts: new Map(), bootLog: [], log: undefined };
    sessions.set(sessionId, live);
    return live;
  };

  return {
    /** Takes a transient frame in and passes it on; repeated and impossible ones are dropped. */
    apply(sessionId: SessionId, frame: TransientFrame): void {
      const live = liveOf(sessionId);
      switch (frame.type) {
        case "part": {
          const known = live.parts.get(frame.part.partId);
          if (known && known.part.rev > frame.part.rev) return;
          if (!known && live.parts.size >= MAX_OPEN_PARTS) return;
          const entry = open(frame, deps.redactorOf(sessionId));
          live.parts.set(frame.part.partId, entry);
          deps.hub.publish(sessionId, { type: "part", promptId: entry.promptId, part: entry.part });
          return;
        }
        case "delta": {
          const entry = live.parts.get(frame.partId);
          if (!entry || entry.received > MAX_PART_CHARACTERS) return;
          const missing = frame.offset + frame.text.length - entry.received;
          if (frame.offset > entry.received || missing <= 0) return;
          entry.received += missing;
          const text = entry.text.push(frame.text.slice(frame.text.length - missing));
          if (text === "") return;
          const offset = entry.part.text.length;
          entry.part = { ...entry.part, text: entry.part.text + text };
          deps.hub.publish(sessionId, { type: "delta", partId: frame.partId, offset, text });
          return;
        }
        case "ports":
          return deps.onPorts(sessionId, frame.ports);
        case "log": {
          live.log ??= deps.redactorOf(sessionId).stream();
          const text = live.log.push(frame.text.slice(0, MAX_BOOT_LOG_CHARACTERS));
          if (text === "") return;
          live.bootLog.push({ phase: frame.phase, text });
          let total = live.bootLog.reduce((sum, line) => sum + line.text.length, 0);
          while (total > MAX_BOOT_LOG_CHARACTERS) total -= live.bootLog.shift()?.text.length ?? total;
          deps.hub.publish(sessionId, { type: "log", phase: frame.phase, text });
        }
      }
    },

    settle(sessionId: SessionId, partId: string): void {
      sessions.get(sessionId)?.parts.delete(partId);
    },

    /** A turn ended: what did not settle is gone. */
    clearParts(sessionId: SessionId): void {
      sessions.get(sessionId)?.parts.clear();
    },

    clearBootLog(sessionId: SessionId): void {
      const live = sessions.get(sessionId);
      if (live) Object.assign(live, { bootLog: [], log: undefined });
    },

    snapshot(sessionId: SessionId): { openParts: { promptId: PromptId; part: OpenPart }[]; bootLog: Live["bootLog"] } {
      const live = sessions.get(sessionId);
      const openParts = [...(live?.parts.values() ?? [])].map(({ promptId, part }) => ({ promptId, part }));
      return { openParts, bootLog: live ? [...live.bootLog] : [] };
    },
  };
}

function open(frame: Extract<TransientFrame, { type: "part" }>, redactor: Redactor): OpenEntry {
  const { promptId, part } = frame;
  const text = redactor.stream();
  const output = part.tool?.output;
  const shownTool = part.tool && {
    ...redactTool(part.tool, redactor),
    // The end of what there is so far, which grows: what its own end begins may be finished by the next frame.
    ...(output !== undefined && { output: redactor.stream().push(redactor.cut(output, "start")) }),
  };
  const shown = { ...part, text: text.push(part.text), ...(shownTool && { tool: shownTool }) };
  return { promptId, part: shown, received: part.text.length, text };
}
