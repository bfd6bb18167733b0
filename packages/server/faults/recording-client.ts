import type { PromptId, SessionId } from "@background-agents/shared/ids";
import type { SessionEvent } from "@background-agents/shared/protocol/session-events";
import { SessionFrame } from "@background-agents/shared/protocol/session-frames";
import { BROWSER_SUBPROTOCOL } from "@background-agents/shared/protocol/version";
import type { Prompt, Session } from "@background-agents/shared/sessions/session";
import { WebSocket } from "ws";
import { frameText } from "../src/lib/frame-text.ts";

const REDIAL_MS = 25;

/** What a browser saw, and what it could not make sense of. */
export interface ClientRecord {
  sessionId: SessionId;
  events: SessionEvent[];
  session: Session | undefined;
  prompts: Record<PromptId, Prompt["status"]>;
  /** What it was shown last of each part while that grew. */
  seen: Record<string, string>;
  /** Gaps, repetitions, text that was taken back. */
  anomalies: string[];
}

export interface RecordingClient {
  record: ClientRecord;
  readonly connections: number;
  /** Resolves once `fits` holds for the record; looked at again with each frame. */
  until(fits: (record: ClientRecord) => boolean): Promise<void>;
  cut(): void;
  close(): void;
}

/** A browser on a session: comes back for ever with its last seq, and keeps everything it was told. */
export function openRecordingClient(deps: {
  sessionId: SessionId;
  address: () => { port: number; token: string };
}): RecordingClient {
  const record: ClientRecord = {
    sessionId: deps.sessionId,
    events: [],
    session: undefined,
    prompts: {},
    seen: {},
    anomalies: [],
  };
  const texts = new Map<string, string>();
  const waiting = new Set<() => void>();
  let connections = 0;
  let closed = false;
  let socket: WebSocket | undefined;

  const show = (partId: string, text: string): void => {
    texts.set(partId, text);
    record.seen[partId] = text;
  };

  const takeEvent = (event: SessionEvent): void => {
    const expected = record.events.length + 1;
    if (event.seq !== expected) record.anomalies.push(`event ${event.seq} came where ${expected} was due`);
    record.events.push(event);
    if (event.type !== "part.settled") return;
    const streamed = texts.get(event.data.partId) ?? "";
    if (!event.data.text?.startsWith(streamed))
      record.anomalies.push(`part ${event.data.partId} settled as another text`);
    texts.delete(event.data.partId);
  };

  const take = (frame: SessionFrame): void => {
    switch (frame.type) {
      case "snapshot":
        connections += 1;
        record.session = frame.session;
        for (const prompt of frame.prompts) record.prompts[prompt.id] = prompt.status;
        texts.clear();
        for (const { part } of frame.openParts) show(part.partId, part.text);
        return;
      case "event":
        return takeEvent(frame.event);
      case "part":
        show(frame.part.partId, frame.part.text);
        return;
      case "delta": {
        const text = texts.get(frame.partId) ?? "";
        if (frame.offset > text.length) record.anomalies.push(`a delta of ${frame.partId} left a gap`);
        show(frame.partId, text.slice(0, frame.offset) + frame.text);
        return;
      }
      case "session":
        record.session = frame.session;
        return;
      case "prompt":
        record.prompts[frame.prompt.id] = frame.prompt.status;
        return;
      case "live":
      case "job":
      case "job-log":
      case "log":
      case "ports":
      case "ping":
    }
  };

  const dial = (): void => {
    if (closed) return;
    const { port, token } = deps.address();
    const url = `ws://localhost:${port}/api/sessions/${deps.sessionId}/socket?after=${record.events.length}`;
    const current = new WebSocket(url, [BROWSER_SUBPROTOCOL, `bearer.${token}`]);
    socket = current;
    current.on("error", () => undefined);
    current.on("message", (data) => {
      if (current !== socket) return;
      take(SessionFrame.parse(JSON.parse(frameText(data))));
      for (const look of waiting) look();
    });
    current.on("close", () => setTimeout(dial, REDIAL_MS));
  };
  dial();

  return {
    record,
    get connections() {
      return connections;
    },
    until(fits) {
      if (fits(record)) return Promise.resolve();
      return new Promise((resolve) => {
        const look = (): void => {
          if (!fits(record)) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
      });
    },
    cut: () => socket?.terminate(),
    close() {
      closed = true;
      socket?.terminate();
    },
  };
}
