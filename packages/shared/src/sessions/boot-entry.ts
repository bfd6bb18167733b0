import type { SessionEvent, SessionEventData } from "../protocol/session-events.ts";
import { BOOT_PHASES, type BootPhase } from "./session.ts";
import type { BootEntry } from "./timeline.ts";

/** A boot no event has described yet. */
export function startBoot(seq: number): BootEntry {
  return {
    kind: "boot",
    key: `boot-${seq}`,
    status: "creating",
    reason: null,
    code: null,
    task: "agent",
    logTail: null,
    phases: BOOT_PHASES.map((phase) => ({ phase, status: "waiting", message: null })),
    bootMs: null,
  };
}

/**
 * Brings a boot up to date with the next `sandbox.*` event; changes the entry in place. `scriptTold`: the setup script
 * that its container is for has a line of its own.
 */
export function addToBoot(boot: BootEntry, event: SessionEvent, scriptTold: boolean): void {
  switch (event.type) {
    case "sandbox.queued":
      boot.status = "queued";
      boot.reason = queueReason(event.data);
      return;
    case "sandbox.creating":
      boot.status = "creating";
      boot.reason = null;
      if (event.data.task !== "setup") return;
      boot.task = "setup";
      boot.phases = boot.phases.filter(({ phase }) => phase !== "agent");
      return;
    case "sandbox.booting":
      boot.status = "booting";
      boot.reason = null;
      enterPhase(boot, event.data.phase, event.data.message ?? null);
      return;
    case "sandbox.ready":
      boot.status = "ready";
      boot.bootMs = event.data.bootMs ?? null;
      for (const phase of boot.phases) phase.status = "done";
      return;
    case "sandbox.failed":
      boot.status = "failed";
      boot.reason = event.data.reason;
      boot.code = event.data.code;
      boot.logTail = event.data.logTail;
      for (const phase of boot.phases) if (phase.status === "running") phase.status = "failed";
      return;
    case "sandbox.stopped":
      boot.status = "stopped";
      // How its script ended is told by the script's own line; one that never began has none.
      if (boot.task === "setup" && scriptTold) return;
      boot.reason = event.data.reason;
      for (const phase of boot.phases) if (phase.status === "running") phase.status = "failed";
      return;
    default:
      return;
  }
}

function enterPhase(boot: BootEntry, entered: BootPhase, message: string | null): void {
  const at = BOOT_PHASES.indexOf(entered);
  boot.phases.forEach((phase, place) => {
    if (place < at) phase.status = "done";
    if (place === at) Object.assign(phase, { status: "running", message: message ?? phase.message });
  });
}

function ordinal(position: number): string {
  const suffix = { one: "st", two: "nd", few: "rd", other: "th", zero: "th", many: "th" };
  return `${position}${suffix[new Intl.PluralRules("en", { type: "ordinal" }).select(position)]}`;
}

function queueReason({ reason, position, cause }: SessionEventData<"sandbox.queued">): string {
  switch (reason) {
    case "engine":
      return `the Docker engine does not answer${cause ? ` (${cause})` : ""}: start it, and this goes on by itself`;
    case "memory":
      return `${ordinal(position)} in line: the engine's memory is taken`;
    case "limit":
      return `${ordinal(position)} in line: the limit of running sandboxes is reached`;
  }
}
