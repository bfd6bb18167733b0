import { spawn } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import SQLite from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { acquireDataLock } from "../../packages/server/src/db/data-lock.ts";
import { openDatabase } from "../../packages/server/src/db/database.ts";

let root: string;
let dataDir: string;
let server: Server | undefined;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "doctor-"));
  dataDir = join(root, "data");
  mkdirSync(dataDir, { mode: 0o700 });
  mkdirSync(join(root, "repos"));
  mkdirSync(join(root, "bin"));
});
afterEach(() => {
  server?.close();
  server = undefined;
  rmSync(root, { recursive: true, force: true });
});

/** The command as the user runs it, on directories of its own. */
function doctor(args: string[], env: Record<string, string> = {}): Promise<{ code: number | null; text: string }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, "doctor.mjs"), ...args], {
    env: {
      ...process.env,
      PATH: [join(root, "bin"), dirname(process.execPath), "/usr/bin", "/bin"].join(delimiter),
      DATA_DIR: dataDir,
      REPOS_DIR: join(root, "repos"),
      PORT: "28787",
      WEB_PORT: "23000",
      ...env,
    },
  });
  let text = "";
  child.stdout.on("data", (chunk: Buffer) => (text += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (text += chunk.toString()));
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, text })));
}

test("finds nothing wrong with a data directory in good order", async () => {
  openDatabase(join(dataDir, "data.db")).close();
  writeFileSync(join(dataDir, "api-token"), "x", { mode: 0o600 });
  const { code, text } = await doctor(["node", "git", "settings", "permissions", "database", "repositories"]);
  expect(text).not.toContain("✗");
  expect(text).toMatch(/✓ database .*data\.db is whole, schema \d+/);
  expect(text).toMatch(/✓ settings +settings make sense/);
  expect(code).toBe(0);
});

test("names what others could read, and with --fix takes that away", async () => {
  for (const name of ["api-token", "secret.key"]) {
    writeFileSync(join(dataDir, name), "x");
    chmodSync(join(dataDir, name), 0o644);
  }
  chmodSync(dataDir, 0o755);
  const found = await doctor(["permissions"]);
  expect(found.text).toContain(`✗ permissions   ${dataDir} has mode 0755: it should be 0700`);
  expect(found.text).toContain("api-token has mode 0644");
  expect(found.text).toContain("secret.key has mode 0644");
  expect(found.code).toBe(1);
  expect(statSync(dataDir).mode & 0o777).toBe(0o755);

  const mended = await doctor(["--fix", "permissions"]);
  expect(mended.text).not.toContain("✗");
  expect(mended.code).toBe(0);
  expect(statSync(dataDir).mode & 0o777).toBe(0o700);
  expect(statSync(join(dataDir, "api-token")).mode & 0o777).toBe(0o600);
  expect(statSync(join(dataDir, "secret.key")).mode & 0o777).toBe(0o600);
});

test("says who holds a port", async () => {
  const listening = createServer();
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
  const address = listening.address();
  const port = typeof address === "object" && address ? String(address.port) : "";
  const { code, text } = await doctor(["ports"], { PORT: port });
  expect(text).toMatch(new RegExp(`✗ ports +PORT ${port} is taken by .*`));
  expect(code).toBe(1);
});

describe("a database", () => {
  const file = () => join(dataDir, "data.db");

  const words = "no database at all, only words that go on and on ".repeat(200);

  /** A backup of schema 1 that knows the session by this id. */
  function backUp(name: string, session: string): string {
    const path = join(dataDir, name);
    const db = new SQLite(path);
    db.exec(`CREATE TABLE sessions (id TEXT); INSERT INTO sessions VALUES ('${session}'); PRAGMA user_version = 1`);
    db.close();
    return path;
  }

  test("that is damaged, without a backup", async () => {
    writeFileSync(file(), words);
    writeFileSync(join(dataDir, "data.db.v1.backup"), words);
    const { code, text } = await doctor(["--fix", "database"]);
    expect(text).toMatch(/✗ database .*is damaged/);
    expect(text).toContain("there is no backup beside it");
    expect(code).toBe(1);
    expect(readFileSync(file(), "utf8")).toBe(words);
  });

  test("that is damaged: the newest whole backup takes its place with --fix, and nothing is deleted", async () => {
    writeFileSync(file(), words);
    writeFileSync(`${file()}-wal`, "its log");
    backUp("data.db.v9.backup", "ses_older");
    const newest = backUp("data.db.v10.backup", "ses_newer");
    writeFileSync(join(dataDir, "data.db.v11.backup"), words);
    const found = await doctor(["database"]);
    expect(found.text).toContain(`put ${newest} in its place (copy, not move); or: npm run doctor -- --fix database`);
    expect(found.code).toBe(1);
    expect(readFileSync(file(), "utf8")).toBe(words);

    const mended = await doctor(["--fix", "database"]);
    expect(mended.text).toMatch(
      /… keep the damaged database as data\.db\.damaged-\w+ and put data\.db\.v10\.backup in its/,
    );
    expect(mended.text).toMatch(/✓ database .*is whole/);
    expect(mended.code).toBe(0);
    const aside = readdirSync(dataDir).find((name) => /^data\.db\.damaged-\w+$/.test(name)) ?? "";
    expect(readFileSync(join(dataDir, aside), "utf8") === words).toBe(true);
    expect(readFileSync(join(dataDir, `${aside}-wal`), "utf8")).toBe("its log");
    const restored = new SQLite(file(), { readonly: true });
    expect(restored.prepare("SELECT id FROM sessions").pluck().all()).toEqual(["ses_newer"]);
    restored.close();
    expect(existsSync(`${file()}-wal`)).toBe(false);
  });

  test("that is damaged stays where it is while a server uses it", async () => {
    writeFileSync(file(), words);
    backUp("data.db.v1.backup", "ses_one");
    const release = acquireDataLock(dataDir);
    const { code, text } = await doctor(["--fix", "database"]);
    release();
    expect(text).toContain("that failed: Another server uses the data directory");
    expect(text).toMatch(/✗ database .*is damaged/);
    expect(code).toBe(1);
    expect(readFileSync(file(), "utf8")).toBe(words);
  });

  test("that is damaged: once the backup is in its place, nothing is taken for an orphan", async () => {
    writeFileSync(file(), words);
    backUp("data.db.v1.backup", "ses_one");
    writeFileSync(join(dataDir, "instance-id"), "0123456789\n", { mode: 0o600 });
    const readRemovals = installDocker({
      containers: ["c-later\tUp 2 hours\t2026-01-02 03:04:05 +0000 UTC\tses_later"],
      ...{ volumes: [], networks: [] },
    });
    const { text } = await doctor(["--fix", "database", "orphans"]);
    expect(text).toMatch(/✓ database .*is whole/);
    expect(text).toContain("the sessions are those of the backup now");
    expect(text).not.toContain("orphans");
    expect(readRemovals()).toBe("");
  });

  /** A database whose index does not know of a change, as one may be after a fault of the disk. */
  function disagree(change: string): void {
    const first = new SQLite(file());
    first.exec("CREATE TABLE sessions (id TEXT); CREATE INDEX by_id ON sessions (id); PRAGMA user_version = 1");
    first.exec("INSERT INTO sessions VALUES ('ses_one')");
    const index = first.prepare("SELECT rootpage, sql FROM sqlite_schema WHERE name = 'by_id'").get() as {
      rootpage: number;
      sql: string;
    };
    first.unsafeMode().pragma("writable_schema = ON");
    first.exec("DELETE FROM sqlite_schema WHERE name = 'by_id'");
    first.close();
    const second = new SQLite(file());
    second.exec(change);
    second.unsafeMode().pragma("writable_schema = ON");
    const insert = "INSERT INTO sqlite_schema VALUES ('index', 'by_id', 'sessions', ?, ?)";
    second.prepare(insert).run(index.rootpage, index.sql);
    second.close();
  }

  test.each([
    // The first keeps the server from starting, the second does not.
    ["INSERT INTO sessions VALUES ('ses_two')", ["ses_one", "ses_two"]],
    ["UPDATE sessions SET id = 'ses_new'", ["ses_new"]],
  ])("whose index disagrees with its table gets a new index, and keeps every session: %s", async (change, sessions) => {
    disagree(change);
    backUp("data.db.v1.backup", "ses_one");
    const release = acquireDataLock(dataDir);
    const locked = await doctor(["--fix", "database"]);
    release();
    expect(locked.text).toContain("that failed: Another server uses the data directory");
    expect(locked.text).toMatch(/✗ database .*does not agree with itself: .*index/);

    const { code, text } = await doctor(["--fix", "database"]);
    expect(text).toContain("… make the indexes of data.db anew of its tables");
    expect(text).toMatch(/✓ database .*is whole/);
    expect(code).toBe(0);
    const mended = new SQLite(file(), { readonly: true });
    const ids = mended.prepare("SELECT id FROM sessions INDEXED BY by_id ORDER BY id").pluck().all();
    mended.close();
    expect(ids).toEqual(sessions);
    expect(readdirSync(dataDir).filter((name) => name.includes("damaged"))).toEqual([]);
  });

  test("of a newer program", async () => {
    openDatabase(file()).close();
    const raw = new SQLite(file());
    raw.pragma("user_version = 999");
    raw.close();
    const { code, text } = await doctor(["database"]);
    expect(text).toMatch(/✗ database .*newer version \(schema 999/);
    expect(code).toBe(1);
  });

  test("that a server has open", async () => {
    const db = openDatabase(file());
    const { code, text } = await doctor(["database"]);
    db.close();
    expect(text).toMatch(/✓ database .*is whole/);
    expect(code).toBe(0);
  });
});

test("says which setting is wrong, and no secret of any", async () => {
  const { code, text } = await doctor(["settings"], { SANDBOX_MEMORY: "plenty", OPENAI_API_KEY: "sk-very-secret" });
  expect(text).toContain("SANDBOX_MEMORY: must be a size");
  expect(text).toContain("set: OPENAI_API_KEY");
  expect(text).not.toContain("very-secret");
  expect(code).toBe(1);
});

test.each([["--repair"], ["everything"]])("does not take %s for an argument", async (argument) => {
  const { code, text } = await doctor([argument]);
  expect(text).toMatch(/^Usage: npm run doctor/);
  expect(code).toBe(2);
});

/** A `docker` that answers from files and notes what it is asked to remove. */
function installDocker(lists: { containers: string[]; volumes: string[]; networks: string[] }): () => string {
  for (const [name, lines] of Object.entries(lists)) {
    writeFileSync(join(root, name), lines.map((line) => `${line}\n`).join(""));
  }
  const removals = join(root, "removals");
  const script = `#!/bin/sh
case "$1 $2" in
  "version --format") echo '{"Version":"20.10.24","ApiVersion":"1.41"}' ;;
  "ps --all") cat '${root}/containers' ;;
  "volume ls") cat '${root}/volumes' ;;
  "network ls") cat '${root}/networks' ;;
  "rm --force" | "volume rm" | "network rm") echo "$@" >>'${removals}' ;;
  *) exit 1 ;;
esac
`;
  writeFileSync(join(root, "bin", "docker"), script, { mode: 0o755 });
  return () => (existsSync(removals) ? readFileSync(removals, "utf8") : "");
}

describe("orphans", () => {
  const lists = {
    containers: [
      "c-live\tUp 2 hours\t2026-01-02 03:04:05 +0000 UTC\tses_live",
      "c-lost\tUp 2 hours\t2026-01-02 03:04:05 +0000 UTC\tses_lost",
      "c-counting\tUp 1 second\t2026-01-02 03:04:05 +0000 UTC\t",
    ],
    volumes: ["v-live\tses_live", "v-lost\tses_lost", "v-purged\tses_purged"],
    networks: ["n-live\tses_live", "n-lost\tses_lost"],
  };

  beforeEach(() => writeFileSync(join(dataDir, "instance-id"), "0123456789\n", { mode: 0o600 }));

  test("are removed with --fix, but for volumes that may hold work", async () => {
    const db = new SQLite(join(dataDir, "data.db"));
    db.exec("CREATE TABLE sessions (id TEXT, purged_at TEXT)");
    db.exec("INSERT INTO sessions VALUES ('ses_live', NULL), ('ses_purged', '2026-01-01')");
    db.close();
    const readRemovals = installDocker(lists);
    const found = await doctor(["orphans"]);
    expect(found.text).toContain("containers that belong to no session: 1");
    expect(found.text).toContain("docker volume rm v-lost");
    expect(found.code).toBe(0);
    expect(readRemovals()).toBe("");

    await doctor(["--fix", "orphans"]);
    expect(readRemovals()).toBe("rm --force c-lost\nvolume rm v-purged\nnetwork rm n-lost\n");
  });

  test("are not told from the rest where there is no database", async () => {
    const readRemovals = installDocker(lists);
    const { text } = await doctor(["--fix", "orphans"]);
    expect(text).toContain("cannot be held against the sessions");
    expect(readRemovals()).toBe("");
  });
});

test("an engine that is not there is one finding, not a crash of what would ask it", async () => {
  const { code, text } = await doctor(["engine", "image", "disk", "orphans"], {
    PATH: join(root, "bin"),
  });
  expect(text).toContain("✗ engine        Docker is not installed");
  expect(text).toContain("! image         not looked at");
  expect(text).toContain("✓ orphans       this instance never ran");
  expect(code).toBe(1);
});
