import { pino, type Logger } from "pino";
import pinoPretty from "pino-pretty";

export type Log = Logger;

/** Logs to stderr; readable lines on a terminal, JSON lines elsewhere. */
export function createLogger(deps: {
  level: string;
  pretty: boolean;
  /** Takes out of a line what must not be written. */
  redact?: (line: string) => string;
}): Log {
  const options = {
    level: deps.level,
    base: null,
    hooks: deps.redact ? { streamWrite: deps.redact } : {},
    redact: { paths: ["req.headers.authorization", "*.token", "*.apiKey"], censor: "[redacted]" },
  };
  // A stream of this process and not a worker: it also runs from the bundled server.
  const lines = { translateTime: "HH:MM:ss", ignore: "pid,hostname", destination: 2, sync: true };
  return deps.pretty ? pino(options, pinoPretty(lines)) : pino(options, pino.destination(2));
}
