"use client";

import type { SessionEvent } from "@background-agents/shared/protocol/session-events";
import { useSession } from "../../api/use-session.tsx";

const SHOWN = 200;
const TIME = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });

/** What happened to the sandbox, newest first: boots, stops, hosts it could not reach. */
export function SandboxHistory() {
  const events = useSession((state) => state.events);
  const lines = events.flatMap((event) => {
    const words = wordsOf(event);
    return words ? [{ seq: event.seq, at: event.at, words }] : [];
  });
  if (lines.length === 0) return null;
  return (
    <section className="px-4 pt-3 pb-4">
      <h3 className="pb-1 text-2xs font-medium tracking-wide text-ink-3">History</h3>
      <ol className="code-block font-mono text-ink-2">
        {lines
          .slice(-SHOWN)
          .toReversed()
          .map(({ seq, at, words }) => (
            <li key={seq} className="flex gap-3">
              <time dateTime={at} className="shrink-0 text-ink-3">
                {TIME.format(new Date(at))}
              </time>
              <span className="min-w-0 break-words">{words}</span>
            </li>
          ))}
      </ol>
    </section>
  );
}

function wordsOf(event: SessionEvent): string | null {
  switch (event.type) {
    case "sandbox.queued":
      if (event.data.reason === "engine") {
        return ["waits for the Docker engine, which does not answer", event.data.cause ?? []].flat().join(": ");
      }
      return `waits for a place (${event.data.reason}), ${event.data.position} in line`;
    case "sandbox.creating":
      return event.data.task === "setup" ? "creates the setup script's container" : "creates the container";
    case "sandbox.booting":
      return `boots: ${event.data.phase}${event.data.message ? `, ${event.data.message}` : ""}`;
    case "sandbox.ready":
      return `ready, OpenCode ${event.data.opencodeVersion}`;
    case "sandbox.stopping":
      return `stops: ${event.data.reason}`;
    case "sandbox.stopped":
      return `stopped: ${event.data.reason}`;
    case "sandbox.failed":
      return `failed: ${event.data.reason}`;
    case "egress.blocked":
      return `refused ${event.data.host}:${event.data.port}: ${event.data.reason}`;
    case "egress.allowed":
      return `let through ${event.data.host}:${event.data.port} (${event.data.scope})`;
    case "setup.started":
      return `runs the setup script${event.data.again === true ? " again" : ""}${event.data.apart ? ", in a container of its own" : ""}`;
    case "secrets.given":
      return event.data.audience === "setup"
        ? `gives the setup script ${event.data.names.join(", ") || "no secrets"}`
        : null;
    case "setup.ended":
      return `setup script: ${event.data.outcome}${event.data.exitCode === null ? "" : `, exit code ${event.data.exitCode}`}`;
    default:
      return null;
  }
}
