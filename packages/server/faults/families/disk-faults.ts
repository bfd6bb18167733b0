import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmdirSync, rmSync, statfsSync } from "node:fs";
import { freemem, tmpdir } from "node:os";
import { join } from "node:path";
import type { Fault } from "../fault.ts";

/** A sandbox is started only where 2 GiB are free. A tmpfs takes that memory only while it is full. */
const SIZE = "2200m";
const NEEDED_MEMORY_BYTES = 6 * 2 ** 30;

/** Only a file system of its own can be filled or made read-only without harm: that takes root. */
function mountObstacle(): string | undefined {
  if (freemem() < NEEDED_MEMORY_BYTES) return "too little memory is free for a disk in memory";
  const place = mkdtempSync(join(tmpdir(), "baf-mount-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", place], { stdio: "ignore" });
    execFileSync("umount", [place], { stdio: "ignore" });
    return undefined;
  } catch {
    return "mounting a tmpfs takes root";
  } finally {
    rmdirSync(place);
  }
}

/** Leaves no room on the file system. Answers what makes room again. The server writes meanwhile, so it takes what is left. */
function fillDisk(directory: string): () => void {
  const path = join(directory, "filler");
  for (;;) {
    const { bavail, bsize } = statfsSync(directory);
    const { status, stderr } = spawnSync("fallocate", ["-l", String(bavail * bsize), path], { encoding: "utf8" });
    if (status === 0) return () => rmSync(path);
    if (!stderr.includes("No space left")) throw new Error(`the disk could not be filled: ${stderr}`);
  }
}

export const DISK_FAULTS: Fault[] = [
  {
    name: "disk full under the data directory mid-turn",
    quick: true,
    dataDirSize: SIZE,
    obstacle: mountObstacle,
    async run(world) {
      const sessionId = await world.createSession({ label: "first", plan: { parts: 30, paceMs: 15 } });
      await world.until(() => (world.ledger.runs[0]?.parts.length ?? 0) > 2);
      const makeRoom = fillDisk(world.dataDir);
      await world.until(() => (world.ledger.runs[0]?.parts.length ?? 0) > 8);
      const answer = await world.call("POST", `/api/sessions/${sessionId}/prompts`, { text: "no room {}" });
      const { code } = answer.body.error ?? {};
      world.expect(code === "storage.failed", `a prompt for which there is no room: ${answer.status} ${code}`);
      world.expect(world.server.running, "the server ended for want of room");
      makeRoom();
      await world.send(sessionId, "with room");
    },
  },
  {
    name: "container ends while the disk is full",
    quick: false,
    mayFail: true,
    dataDirSize: SIZE,
    obstacle: mountObstacle,
    async run(world) {
      const sessionId = await world.createSession({ label: "lost", plan: { endless: true, paceMs: 15 } });
      await world.until(() => (world.ledger.runs[0]?.parts.length ?? 0) > 2);
      const makeRoom = fillDisk(world.dataDir);
      world.engine.kill(sessionId, { exitCode: 137 });
      // Its end is told, cannot be written down, and the server answers whoever asks.
      await world.until(() => world.engine.containers.size === 0);
      const { status } = await world.call("GET", `/api/sessions/${sessionId}`);
      world.expect(status === 200 && world.server.running, `the server answers ${status}`);
      makeRoom();
      const lost = world.ledger.accepted[0]?.promptId;
      const told = await world.until(() => lost !== undefined && world.statusOf(lost) === "failed");
      world.expect(told, "the end of the container was never told");
      await world.send(sessionId, "next");
    },
  },
  {
    name: "data directory read-only",
    quick: true,
    dataDirSize: SIZE,
    obstacle: mountObstacle,
    async run(world) {
      await world.createSession({ label: "first" });
      await world.settle();
      world.server.signal("SIGTERM");
      await world.server.exited;
      execFileSync("mount", ["-o", "remount,ro", world.dataDir]);
      const { code, stderr } = await world.startInVain();
      world.expect(
        code === 78 && /read-?only|cannot be (used|written)/i.test(stderr),
        `it ended with ${code}: ${stderr}`,
      );
      execFileSync("mount", ["-o", "remount,rw", world.dataDir]);
      await world.recover();
    },
  },
];
