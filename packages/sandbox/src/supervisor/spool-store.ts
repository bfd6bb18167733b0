import { mkdir, open, readFile, readdir, rm, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { Report, type ReportBody } from "@background-agents/shared/protocol/supervisor-frames";
import { z } from "zod";

const Line = z.union([Report, z.object({ acked: z.int().nonnegative() })]);

/** Reports of earlier boots that say something about a turn must still arrive; what was said of that boot is stale. */
const OUTLIVES_BOOT = new Set<ReportBody["kind"]>(["turn.ended", "part.settled", "notice"]);

const TRIM_BYTES = 262_144;

export interface SpoolDeps {
  directory: string;
  boot: string;
  /** What was to be written stays in memory and is written with what follows. */
  onError: (error: unknown) => void;
  now?: () => Date;
}

async function readLines(path: string): Promise<{ reports: Report[]; acked: number }> {
  const text = await readFile(path, "utf8").catch(() => "");
  const reports: Report[] = [];
  let acked = 0;
  for (const line of text.split("\n")) {
    let json: unknown;
    try {
      json = JSON.parse(line);
    } catch {
      continue; // The line that was being written when the process died.
    }
    const parsed = Line.safeParse(json);
    if (!parsed.success) continue;
    if ("acked" in parsed.data) acked = Math.max(acked, parsed.data.acked);
    else reports.push(parsed.data);
  }
  return { reports: reports.filter(({ report }) => report > acked), acked };
}

/**
 * What the supervisor has to tell, on disk before it is sent and kept until the server stored it. Numbers run from 1
 * within a boot and go on after a restart of the process. What earlier boots could not deliver is told again under
 * this boot's numbers. Writes are gathered: one sync for all that came meanwhile.
 */
export async function openSpool({ directory, boot, onError, now = () => new Date() }: SpoolDeps) {
  await mkdir(directory, { recursive: true });
  const path = join(directory, `${boot}.jsonl`);
  const others = (await readdir(directory)).filter((name) => name.endsWith(".jsonl") && name !== `${boot}.jsonl`);
  const own = await readLines(path);
  const file: FileHandle = await open(path, "a", 0o600);

  let unacked = own.reports;
  let last = own.reports.at(-1)?.report ?? own.acked;
  let durable = last;
  let onDurable: (reports: Report[]) => void = () => undefined;
  let waiting: Report[] = [];
  /** What the server stored is to be noted, so that a later boot does not tell it again. */
  let noteWanted = false;
  let writing: Promise<void> | undefined;
  let bytes = (await file.stat()).size;
  /** What a full disk did not take: tried again with what follows. */
  let unwritten: Report[] = [];
  /** The file may end in the middle of a line. */
  let torn = bytes > 0;

  /** Without a sync, and without complaint, where the file only grows: a note that is lost costs no more than telling twice. */
  async function noteAcked(): Promise<void> {
    noteWanted = false;
    if (unacked.length > 0) return;
    const line = `${JSON.stringify({ acked: last })}\n`;
    if (bytes < TRIM_BYTES) {
      const text = `${torn ? "\n" : ""}${line}`;
      torn = true;
      const isNoted = await file.appendFile(text).then(
        () => true,
        () => false,
      );
      torn = !isNoted;
      if (isNoted) bytes += text.length;
      return;
    }
    await file.truncate(0);
    await file.appendFile(line);
    await file.datasync();
    bytes = line.length;
  }

  async function write(batch: Report[]): Promise<void> {
    const oldest = unacked[0]?.report ?? Infinity;
    const due = [...unwritten.filter(({ report }) => report >= oldest), ...batch];
    // A line that was cut short must not swallow the one that follows.
    const text = `${torn ? "\n" : ""}${due.map((report) => `${JSON.stringify(report)}\n`).join("")}`;
    unwritten = due;
    torn = true;
    await file.appendFile(text);
    await file.datasync();
    unwritten = [];
    torn = false;
    bytes += text.length;
  }

  /** The only place that touches the file, so that a note never meets a write. */
  async function writeAll(): Promise<void> {
    while (waiting.length > 0 || noteWanted) {
      const batch = waiting;
      waiting = [];
      try {
        await (batch.length > 0 ? write(batch) : noteAcked());
      } catch (error) {
        onError(error); // A full disk: what cannot be kept is at least sent.
      }
      durable = batch.at(-1)?.report ?? durable;
      if (batch.length > 0) onDurable(batch);
    }
    writing = undefined;
  }

  function append(body: ReportBody, at: string = now().toISOString()): Report {
    const report: Report = { type: "report", report: ++last, at, body };
    unacked.push(report);
    waiting.push(report);
    writing ??= writeAll();
    return report;
  }

  for (const name of others.toSorted()) {
    const { reports } = await readLines(join(directory, name));
    for (const { at, body } of reports) if (OUTLIVES_BOOT.has(body.kind)) append(body, at);
  }
  await writing;
  await Promise.all(others.map((name) => rm(join(directory, name), { force: true })));

  let onDrained: (() => void)[] = [];
  return {
    append: (body: ReportBody): Report => append(body),
    /** From now on reports are handed to `listener` once they are on disk, in order. */
    listen(listener: (reports: Report[]) => void): void {
      onDurable = listener;
    },
    /** Reports the server has not stored, in order. Those not yet on disk are not among them. */
    unacked: (): Report[] => unacked.filter(({ report }) => report <= durable),
    ack(upTo: number): void {
      unacked = unacked.filter(({ report }) => report > upTo);
      if (unacked.length > 0) return;
      for (const resolve of onDrained.splice(0)) resolve();
      noteWanted = true;
      writing ??= writeAll();
    },
    /** Resolves when all that was appended is on disk. */
    async flushed(): Promise<void> {
      await writing;
    },
    /** Resolves when all is stored by the server. */
    drained(): Promise<void> {
      return unacked.length === 0 ? Promise.resolve() : new Promise((resolve) => onDrained.push(resolve));
    },
    async close(): Promise<void> {
      await writing;
      onDrained = [];
      await file.close();
    },
  };
}

export type Spool = Awaited<ReturnType<typeof openSpool>>;
