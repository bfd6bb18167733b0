import type { PromptId, SessionId } from "@background-agents/shared/ids";
import type { OpenPart } from "@background-agents/shared/sessions/part";
import type { BootPhase } from "@background-agents/shared/sessions/session";
import type { EventHub } from "../events/event-hub.ts";
import type { TransientFrame } from "../sandboxes/supervisor-link.ts";

const MAX_BOOT_LOG_CHARACTERS = 64_000;
const MAX_OPEN_PARTS = 500;
const MAX_PART_CHARACTERS = 2_000_000;

interface Live {
  parts: Map<string, { promptId: PromptId; part: OpenPart }>;
  bootLog: { phase: BootPhase; text: string }[];
}

export type LiveParts = ReturnType<typeof createLiveParts>;

/**
 * The text of parts that have not settled, and the log of the boot under way: kept in memory for browsers that come
 * late, never stored. The supervisor sends its open parts again after each reconnect, so a restart loses nothing.
 */
export function createLiveParts(deps: { hub: EventHub }) {
  const sessions = new Map<SessionId, Live>();
  const liveOf = (sessionId: SessionId): Live => {
    const live = sessions.get(sessionId) ?? { parts: new Map(), bootLog: [] };
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
          live.parts.set(frame.part.partId, { promptId: frame.promptId, part: frame.part });
          deps.hub.publish(sessionId, { type: "part", promptId: frame.promptId, part: frame.part });
          return;
        }
        case "delta": {
          const open = live.parts.get(frame.partId);
          if (!open || open.part.text.length > MAX_PART_CHARACTERS) return;
          const missing = frame.offset + frame.text.length - open.part.text.length;
          if (frame.offset > open.part.text.length || missing <= 0) return;
          const offset = open.part.text.length;
          const text = frame.text.slice(frame.text.length - missing);
          open.part = { ...open.part, text: open.part.text + text };
          deps.hub.publish(sessionId, { type: "delta", partId: frame.partId, offset, text });
          return;
        }
        // Kept by the previews.
        case "ports":
          return;
        case "log": {
          const text = frame.text.slice(0, MAX_BOOT_LOG_CHARACTERS);
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
      if (live) live.bootLog = [];
    },

    snapshot(sessionId: SessionId): { openParts: { promptId: PromptId; part: OpenPart }[]; bootLog: Live["bootLog"] } {
      const live = sessions.get(sessionId);
      return { openParts: live ? [...live.parts.values()] : [], bootLog: live ? [...live.bootLog] : [] };
    },
  };
}
