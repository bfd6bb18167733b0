import { pino, type Logger } from "pino";

export type Log = Logger;

/** Logs to stderr; readable lines on a terminal, JSON lines elsewhere. */
export function createLogger(deps: { level: string; pretty: boolean }): Log {
  return pino({
    level: deps.level,
    base: null,
    redact: { paths: ["req.headers.authorization", "*.token", "*.apiKey"], censor: "[redacted]" },
    ...(deps.pretty
      ? { transport: { target: "pino-pretty", options: { destination: 2, translateTime: "HH:MM:ss", ignore: "pid,hostname" } } }
      : {}),
  });
}
