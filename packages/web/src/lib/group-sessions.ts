import { ATTENTIONS, type Attention, type Session } from "@background-agents/shared/sessions/session";

export interface SessionGroup {
  attention: Attention;
  sessions: Session[];
}

export const ATTENTION_WORDS: Record<Attention, string> = {
  "needs-you": "Needs you",
  working: "Working",
  review: "Review",
  done: "Done",
};

/** Pure: the sessions that match `search` by attention, newest activity first; groups without one are left out. */
export function groupSessions(sessions: readonly Session[], search: string): SessionGroup[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = sessions
    .filter(({ archived, deletedAt }) => !archived && !deletedAt)
    .filter((session) => {
      const text =
        `${session.title} ${session.repository.name} ${session.branch} ${session.statusReason}`.toLowerCase();
      return words.every((word) => text.includes(word));
    })
    .toSorted((a, b) => b.lastActivityAt.localeCompare(a.lastActivityAt));
  return ATTENTIONS.map((attention) => ({
    attention,
    sessions: shown.filter((session) => session.attention === attention),
  })).filter(({ sessions: members }) => members.length > 0);
}
