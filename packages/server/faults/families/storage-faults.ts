import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import SQLite from "better-sqlite3";
import { MIGRATIONS } from "../../src/db/migrations.ts";
import type { Fault } from "../fault.ts";
import type { FaultWorld } from "../fault-world.ts";
import type { ServerExit } from "../server-process.ts";

const UNUSABLE = 78;

/** A session with a finished turn, and the server closed. */
async function workAndClose(world: FaultWorld): Promise<string> {
  await world.createSession({ label: "first" });
  await world.settle();
  world.server.signal("SIGTERM");
  await world.server.exited;
  return join(world.dataDir, "data.db");
}

function expectRefusal(world: FaultWorld, { code, stderr }: ServerExit, says: RegExp): void {
  world.expect(code === UNUSABLE && says.test(stderr), `it ended with ${code} and said "${stderr.slice(0, 500)}"`);
}

/** Damages the database, expects a refusal, mends it, and starts. */
function refusing(name: string, says: RegExp, damage: (path: string) => void): Fault {
  return {
    name,
    quick: !name.includes("half"),
    async run(world) {
      const path = await workAndClose(world);
      const copy = join(world.root, "copy.db");
      copyFileSync(path, copy);
      damage(path);
      expectRefusal(world, await world.startInVain(), says);
      for (const leftOver of ["-wal", "-shm"]) rmSync(`${path}${leftOver}`, { force: true });
      copyFileSync(copy, path);
      await world.recover();
    },
  };
}

/** The same rows under the first schema there was. */
function downgrade(path: string): void {
  const old = `${path}.old`;
  const db = new SQLite(old);
  db.pragma("foreign_keys = OFF");
  db.exec(MIGRATIONS[0] ?? "");
  db.pragma("user_version = 1");
  db.prepare("ATTACH ? AS newer").run(path);
  const tables = db.prepare("SELECT name FROM main.sqlite_schema WHERE type = 'table'").pluck().all() as string[];
  for (const table of tables) {
    const columns = (db.pragma(`table_info(${table})`) as { name: string }[]).map(({ name }) => name).join(", ");
    db.exec(`INSERT INTO main.${table} (${columns}) SELECT ${columns} FROM newer.${table}`);
  }
  db.close();
  copyFileSync(old, path);
  rmSync(old);
  for (const leftOver of ["-wal", "-shm"]) rmSync(`${path}${leftOver}`, { force: true });
}

export const STORAGE_FAULTS: Fault[] = [
  {
    name: "two servers on one data directory: the second refuses",
    quick: true,
    async run(world) {
      await world.createSession({ label: "first", plan: { parts: 10, paceMs: 15 } });
      expectRefusal(world, await world.startInVain({ PORT: "0" }), /Another server uses the data directory/);
    },
  },
  refusing("database damaged in the middle", /damaged|malformed|cannot be used/, (path) => {
    const bytes = readFileSync(path);
    bytes.fill(0xa5, 8192, Math.min(bytes.length, 8192 + 16_384));
    writeFileSync(path, bytes);
  }),
  refusing("database cut in half", /damaged|malformed|cannot be used/, (path) => {
    const bytes = readFileSync(path);
    writeFileSync(path, bytes.subarray(0, bytes.length >> 1));
  }),
  refusing("database with a newer schema", /newer version/, (path) => {
    const db = new SQLite(path);
    db.pragma("user_version = 999");
    db.close();
  }),
  {
    name: "kill -9: in the middle of a migration, twice",
    quick: true,
    async run(world) {
      const path = await workAndClose(world);
      downgrade(path);
      for (let time = 0; time < 2; time++) {
        const { signal } = await world.startInVain({ FAULTS_FAILPOINT: "migration" });
        world.expect(signal === "SIGKILL", "the migration was not reached");
      }
      await world.recover();
      const backups = readdirSync(world.dataDir).filter((name) => name.endsWith(".backup"));
      world.expect(backups.length > 0 && existsSync(join(world.dataDir, backups[0] ?? "")), "there is no backup");
    },
  },
  ...[2, 8].map((seconds): Fault => ({
    name: `database locked by another program for ${seconds} s`,
    quick: seconds === 2,
    async run(world) {
      const sessionId = await world.createSession({ label: "first", plan: { parts: 10, paceMs: 15 } });
      await world.until(() => (world.ledger.runs[0]?.parts.length ?? 0) > 0);
      const db = new SQLite(join(world.dataDir, "data.db"));
      db.exec("BEGIN IMMEDIATE");
      const sending = world.send(sessionId, "meanwhile");
      await pause(seconds * 1000);
      db.exec("ROLLBACK");
      db.close();
      await sending;
    },
  })),
  {
    name: "port taken: refused with what to do",
    quick: true,
    async run(world) {
      await world.createSession({ label: "first" });
      await world.settle();
      const env = { DATA_DIR: join(world.root, "other-data") };
      const { code, stderr } = await world.startInVain(env);
      world.expect(code === UNUSABLE && /EADDRINUSE/.test(stderr), `it ended with ${code} and said "${stderr}"`);
    },
  },
];
