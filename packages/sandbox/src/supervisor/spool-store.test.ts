import { mkdtempSync, readdirSync, readFileSync, rmSync, appendFileSync } from "node:fs";
import handles from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Report, ReportBody } from "@background-agents/shared/protocol/supervisor-frames";
import { newId } from "@background-agents/shared/ids";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { openSpool } from "./spool-store.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "spool-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const phase: ReportBody = { kind: "boot.phase", phase: "clone" };
const turn = { promptId: newId("prompt"), turnId: newId("turn") };
const ended: ReportBody = { kind: "turn.ended", ...turn, outcome: "completed", durationMs: 1 };

const open = (boot: string) =>
  openSpool({
    directory,
    boot,
    onError: (error) => {
      throw error;
    },
  });

/** Appends and waits until it is on disk. */
async function append(spool: Awaited<ReturnType<typeof open>>, ...bodies: ReportBody[]): Promise<Report[]> {
  const reports = bodies.map((body) => spool.append(body));
  await spool.flushed();
  return reports;
}

it("hands reports on only when they are on disk, numbered from 1", async () => {
  const spool = await open("boo_1");
  const handedOn: number[] = [];
  spool.listen((reports) => handedOn.push(...reports.map(({ report }) => report)));
  spool.append(phase);
  expect([spool.unacked(), handedOn]).toEqual([[], []]);
  await append(spool, phase, ended);
  expect(handedOn).toEqual([1, 2, 3]);
  const lines = readFileSync(join(directory, "boo_1.jsonl"), "utf8").trim().split("\n");
  expect(lines.map((line) => (JSON.parse(line) as Report).report)).toEqual([1, 2, 3]);
  expect(spool.unacked().map(({ report }) => report)).toEqual([1, 2, 3]);
  await spool.close();
});

it("goes on with the numbers after a restart in the same boot, and keeps what is not acknowledged", async () => {
  const first = await open("boo_1");
  await append(first, phase, phase, ended);
  await first.close();
  appendFileSync(join(directory, "boo_1.jsonl"), `{"type":"report","repo`);
  const second = await open("boo_1");
  expect(second.unacked().map(({ report }) => report)).toEqual([1, 2, 3]);
  second.ack(2);
  expect(second.unacked().map(({ report }) => report)).toEqual([3]);
  expect((await append(second, phase))[0]?.report).toBe(4);
  await second.close();
});

it("writes what a full disk did not take with what follows, and loses no line to one that was cut short", async () => {
  // A file system of its own is not to be had everywhere; this is what a full one does to a write.
  const real = await handles.open(join(directory, "other"), "a");
  const prototype = Object.getPrototypeOf(real) as typeof real;
  await real.close();
  const errors: unknown[] = [];
  const spool = await openSpool({ directory, boot: "boo_1", onError: (error) => errors.push(error) });
  await append(spool, phase);
  const sent: number[] = [];
  spool.listen((reports) => sent.push(...reports.map(({ report }) => report)));
  const writing = vi.spyOn(prototype, "appendFile").mockImplementationOnce(async function half(
    this: typeof real,
    data,
  ) {
    await this.write(String(data).slice(0, 30));
    throw Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
  });
  await append(spool, phase, ended);
  expect(errors).toHaveLength(1);
  expect(sent).toEqual([2, 3]);
  writing.mockRestore();
  await append(spool, phase);
  await spool.close();
  const again = await open("boo_1");
  expect(again.unacked().map(({ report }) => report)).toEqual([1, 2, 3, 4]);
  await again.close();
});

it("remembers the last number when everything was acknowledged and the file trimmed", async () => {
  const spool = await open("boo_1");
  const long: ReportBody = { kind: "notice", level: "info", code: "x", message: "y".repeat(4000) };
  await append(spool, ...Array.from({ length: 100 }, () => long));
  const drained = spool.drained();
  spool.ack(100);
  await drained;
  await spool.close();
  expect(readFileSync(join(directory, "boo_1.jsonl"), "utf8")).toBe(`{"acked":100}\n`);
  const again = await open("boo_1");
  expect((await append(again, phase))[0]?.report).toBe(101);
  await again.close();
});

it("tells again, under a new boot's numbers, how a turn of the boot before ended, and nothing else of it", async () => {
  const before = await open("boo_1");
  const [, old] = await append(before, phase, ended);
  await before.close();
  const now = await open("boo_2");
  expect(now.unacked()).toEqual([{ ...old, report: 1 }]);
  expect(readdirSync(directory)).toEqual(["boo_2.jsonl"]);
  await now.close();
});

it("tells a later boot nothing again that the server stored", async () => {
  const before = await open("boo_1");
  const notice: ReportBody = { kind: "notice", level: "warning", code: "start.ended", message: "It ended." };
  await append(before, phase, notice, ended);
  before.ack(2);
  before.ack(3);
  await append(before, notice);
  before.ack(4);
  await before.close();
  const now = await open("boo_2");
  expect(now.unacked()).toEqual([]);
  await now.close();
});
