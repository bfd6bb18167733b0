import { BROWSER_SUBPROTOCOL } from "@background-agents/shared/protocol/version";
import type { z } from "zod";
import { useAccess } from "./access-store.ts";
import { apiUrl, callApiForText } from "./api-client.ts";

export type Connection = "connecting" | "live" | "reconnecting";

const FIRST_DELAY_MS = 400;
const LONGEST_DELAY_MS = 15_000;
/** A socket that told something and stood this long is one that holds: one that is cut before is not dialled at once. */
const STEADY_MS = 5_000;
/** The server pings; a socket that is silent this long after it was ever pinged is dead. */
const SILENCE_MS = 75_000;

export interface LiveSocket {
  /** Drops the connection and makes a new one at once. */
  restart(): void;
  close(): void;
}

/**
 * A WebSocket that comes back: for ever, with growing delays and jitter, and at once when the machine is online again
 * or the page is looked at. `path` is asked for before each connection, so that it can name the last seq.
 */
export function openLiveSocket<T extends { type: string }>(deps: {
  path: () => string;
  frame: z.ZodType<T>;
  onFrame: (frame: T) => void;
  onConnection: (connection: Connection) => void;
}): LiveSocket {
  let socket: WebSocket | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let silence: ReturnType<typeof setTimeout> | undefined;
  let steady: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  let closed = false;

  function connect(): void {
    clearTimeout(timer);
    const token = useAccess.getState().token ?? "";
    const current = new WebSocket(apiUrl().replace(/^http/, "ws") + deps.path(), [
      BROWSER_SUBPROTOCOL,
      `bearer.${token}`,
    ]);
    socket = current;
    let opened = false;
    current.addEventListener("open", () => {
      opened = true;
      deps.onConnection("live");
    });
    current.addEventListener("message", (message) => {
      if (current !== socket) return;
      const frame = parseFrame(deps.frame, message.data);
      if (!frame) return;
      if (frame.type === "ping") watchSilence();
      else if (failures > 0) steady ??= setTimeout(() => (failures = 0), STEADY_MS);
      deps.onFrame(frame);
    });
    current.addEventListener("close", () => {
      if (current !== socket || closed) return;
      clearTimeout(silence);
      forgetSteady();
      deps.onConnection("reconnecting");
      // A browser does not say why an upgrade was refused: a request tells whether the token still opens the door.
      if (!opened) void callApiForText({ path: "/api/models" }).catch(() => undefined);
      timer = setTimeout(connect, retryDelayMs(failures++));
    });
  }

  function watchSilence(): void {
    clearTimeout(silence);
    silence = setTimeout(restart, SILENCE_MS);
  }

  function forgetSteady(): void {
    clearTimeout(steady);
    steady = undefined;
  }

  function restart(): void {
    forgetSteady();
    const old = socket;
    socket = null;
    old?.close();
    if (!closed) connect();
  }

  function wake(): void {
    if (document.visibilityState === "hidden" || socket?.readyState === WebSocket.OPEN) return;
    failures = 0;
    if (socket?.readyState !== WebSocket.CONNECTING) connect();
  }

  deps.onConnection("connecting");
  connect();
  addEventListener("online", wake);
  document.addEventListener("visibilitychange", wake);

  return {
    restart,
    close() {
      closed = true;
      clearTimeout(timer);
      clearTimeout(silence);
      forgetSteady();
      removeEventListener("online", wake);
      document.removeEventListener("visibilitychange", wake);
      const old = socket;
      socket = null;
      old?.close();
    },
  };
}

/** Doubles from 0.4 s to 15 s, each with half of it by chance. */
function retryDelayMs(failures: number): number {
  const whole = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** failures);
  return whole / 2 + Math.random() * (whole / 2);
}

function parseFrame<T>(schema: z.ZodType<T>, data: unknown): T | null {
  if (typeof data !== "string") return null;
  try {
    const parsed = schema.safeParse(JSON.parse(data));
    if (parsed.success) return parsed.data;
    console.warn("A frame that is not part of the contract was left out.", parsed.error.issues);
  } catch {
    console.warn("A frame that is not JSON was left out.");
  }
  return null;
}
