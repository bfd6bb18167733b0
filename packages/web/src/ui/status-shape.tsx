import type { Attention, SessionStatus } from "@background-agents/shared/sessions/session";

export interface StatusOfSession {
  status: SessionStatus;
  attention: Attention;
}

/** The one word for where a session stands, the same everywhere. */
export function statusWord({ status, attention }: StatusOfSession): string {
  if (status === "failed") return "failed";
  if (attention === "needs-you") return "needs you";
  if (status !== "idle") return status;
  return attention === "review" ? "review" : "done";
}

/** A shape for each status, so that colour never stands alone. */
export function StatusShape({ status, attention }: StatusOfSession) {
  return (
    <svg
      viewBox="0 0 12 12"
      width={12}
      height={12}
      role="img"
      aria-label={statusWord({ status, attention })}
      className="shrink-0"
    >
      <Shape status={status} attention={attention} />
    </svg>
  );
}

function Shape({ status, attention }: StatusOfSession) {
  if (status === "failed") return <rect x="2" y="2" width="8" height="8" rx="2" className="fill-fail" />;
  if (attention === "needs-you") return <circle cx="6" cy="6" r="4.25" className="fill-need" />;
  if (status === "queued") {
    return (
      <circle
        cx="6"
        cy="6"
        r="4.25"
        fill="none"
        strokeWidth="1.5"
        strokeDasharray="1.6 1.74"
        className="stroke-ink-3"
      />
    );
  }
  if (status === "waiting") {
    return (
      <g className="stroke-accent" fill="none" strokeWidth="1.6">
        <circle cx="6" cy="6" r="4.25" strokeOpacity="0.35" />
        <path d="M6 3.8V6l1.5 1" strokeLinecap="round" />
      </g>
    );
  }
  if (status !== "idle") {
    return (
      <g fill="none" strokeWidth="1.8" className="stroke-accent">
        <circle cx="6" cy="6" r="4.25" strokeOpacity="0.25" />
        <path d="M6 1.75A4.25 4.25 0 0 1 10.25 6" strokeLinecap="round" className="origin-center animate-spin-slow" />
      </g>
    );
  }
  if (attention === "review") {
    return (
      <rect x="2.4" y="2.4" width="7.2" height="7.2" rx="1.6" transform="rotate(45 6 6)" className="fill-review" />
    );
  }
  return <circle cx="6" cy="6" r="3.75" fill="none" strokeWidth="1.5" className="stroke-line-strong" />;
}
