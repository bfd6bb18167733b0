import { hideCredentials } from "../lib/hide-credentials.ts";

/** Characters of a job's log that are kept. */
export const JOB_LOG_LIMIT = 64 * 1024;
const LINE_LIMIT = 4000;
const PROGRESS_EVERY_MS = 1000;

export type JobLog = ReturnType<typeof createJobLog>;

/**
 * What a job prints, line by line and without credentials. A progress meter (lines that end in a carriage return) is
 * thinned to its last line and one a second before. `onText` gets what is new; `text` is the tail that is kept.
 */
export function createJobLog(deps: {
  onText: (text: string) => void;
  now: () => number;
  /** Takes out of a line what must not be kept. */
  redact: (line: string) => string;
}) {
  let kept = "";
  let rest = "";
  let meterAt = Number.NEGATIVE_INFINITY;

  function put(line: string): void {
    // oxlint-disable-next-line no-control-regex -- escapes of terminals are what is taken out
    const plain = line.replace(/\u001b\[[0-9;?]*[ -/]*[@-~]/g, "").replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, "");
    const text = `${deps.redact(hideCredentials(plain)).slice(0, LINE_LIMIT).trimEnd()}\n`;
    kept = (kept + text).slice(-JOB_LOG_LIMIT);
    deps.onText(text);
  }

  return {
    get text(): string {
      return kept;
    },

    /** Takes a piece of output; a line is told once it is whole. */
    write(piece: string): void {
      rest = (rest + piece).slice(-JOB_LOG_LIMIT);
      for (let end = /[\r\n]/.exec(rest); end; end = /[\r\n]/.exec(rest)) {
        const line = rest.slice(0, end.index);
        const isMeter = rest[end.index] === "\r" && rest[end.index + 1] !== "\n";
        rest = rest.slice(end.index + 1);
        if (isMeter) {
          if (deps.now() - meterAt < PROGRESS_EVERY_MS) continue;
          meterAt = deps.now();
        }
        if (line !== "") put(line);
      }
    },

    /** Tells one line. */
    line(text: string): void {
      for (const line of text.split("\n")) put(line);
    },

    /** Tells a last line that no line break ended. */
    end(): void {
      if (rest !== "") put(rest);
      rest = "";
    },
  };
}
