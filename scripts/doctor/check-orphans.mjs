import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { failure } from "../processes/failure.mjs";
import { isEngineThere } from "./check-engine.mjs";
import { findOrphans } from "./find-orphans.mjs";
import { ok, warn } from "./finding.mjs";
import { runCommand } from "./run-command.mjs";
import { findSessionRows } from "./session-rows.mjs";

/** @typedef {import("./find-orphans.mjs").Labelled} Labelled */
/** @typedef {Record<string, string>} Env */

/** A helper that does not run and is older than this was left behind: it is neither about to begin nor just done. */
const HELPER_REST_MS = 10 * 60_000;

/**
 * Containers, volumes and networks with this instance's label that belong to no session.
 * @param {import("./context.mjs").Context} context
 * @returns {Promise<import("./finding.mjs").Finding[]>}
 */
export async function checkOrphans(context) {
  const { dataDir, env } = context.settings;
  const file = join(dataDir, "instance-id");
  if (!existsSync(file)) return [ok("this instance never ran")];
  if (!(await isEngineThere(context))) return [warn("not looked at: there is no engine to ask")];
  const instance = readFileSync(file, "utf8").trim();
  // Before the rows: a session's row is there before its container is.
  const inventory = await takeInventory(instance, env);
  const rows = findSessionRows(context.settings);
  if (rows === undefined) {
    const { containers, volumes } = inventory;
    if (containers.length + volumes.length === 0) return [ok("none")];
    const found = `${containers.length} containers and ${volumes.length} volumes of this instance`;
    return [warn(`${found} cannot be held against the sessions: there is no database that can be read`)];
  }
  const { containers, purgedVolumes, networks, unknownVolumes } = findOrphans(inventory, rows);
  const findings = [
    ...judge({ what: "containers", names: containers, why: "belong to no session", removal: ["rm", "--force"], env }),
    ...judge({
      what: "volumes",
      names: purgedVolumes,
      why: "belong to purged sessions",
      removal: ["volume", "rm"],
      env,
    }),
    ...judge({ what: "networks", names: networks, why: "belong to no session", removal: ["network", "rm"], env }),
  ];
  if (unknownVolumes.length > 0) {
    const text = `volumes that belong to no known session and may hold work: ${unknownVolumes.length}`;
    findings.push(warn(text, `look into them, then: docker volume rm ${unknownVolumes.join(" ")}`));
  }
  return findings.length > 0 ? findings : [ok("none")];
}

/**
 * @param {{ what: string, names: string[], why: string, removal: string[], env: Env }} orphans `removal`: arguments of
 *   `docker`
 */
function judge({ what, names, why, removal, env }) {
  if (names.length === 0) return [];
  const args = [...removal, ...names];
  const run = async () => {
    const answer = await runCommand(["docker", ...args], { env, timeoutMs: 120_000 });
    if (answer.code !== 0) throw failure(answer.stderr.trim());
  };
  const words = `remove ${what} that ${why}`;
  return [warn(`${what} that ${why}: ${names.length}`, `docker ${args.join(" ")}`, { words, run })];
}

/** @param {string} instance @param {Env} env */
async function takeInventory(instance, env) {
  const filter = `label=background-agents.instance=${instance}`;
  /** @param {[string, ...string[]]} command @param {string[]} fields */
  const list = async (command, ...fields) => {
    const format = [...fields, 'Label "background-agents.session"'].map((field) => `{{.${field}}}`).join("\t");
    const { stdout } = await runCommand(["docker", ...command, "--filter", filter, "--format", format], { env });
    return stdout
      .split("\n")
      .filter(Boolean)
      .map((line) => line.split("\t"));
  };
  /** @param {string[]} row @returns {Labelled} */
  const toLabelled = ([name = "", session = ""]) => ({ name, session });
  const [containers, volumes, networks] = await Promise.all([
    list(["ps", "--all", "--no-trunc"], "ID", "Status", "CreatedAt"),
    list(["volume", "ls"], "Name"),
    list(["network", "ls"], "Name"),
  ]);
  return {
    containers: containers.map(([name = "", status = "", createdAt = "", session = ""]) => ({
      ...{ name, session },
      isAtWork: isAtWork({ status, createdAt }, new Date()),
    })),
    volumes: volumes.map(toLabelled),
    networks: networks.map(toLabelled),
  };
}

/**
 * Pure: whether a container runs, or was made only now; also where that cannot be read.
 * @param {{ status: string, createdAt: string }} container as `docker ps` prints them: "Up 2 minutes",
 *   "2026-01-02 03:04:05 +0000 UTC"
 * @param {Date} now
 */
export function isAtWork({ status, createdAt }, now) {
  const [date = "", time = "", offset = ""] = createdAt.split(" ");
  const ageMs = now.getTime() - Date.parse(`${date} ${time} ${offset}`);
  return status.startsWith("Up") || !(ageMs > HELPER_REST_MS);
}
