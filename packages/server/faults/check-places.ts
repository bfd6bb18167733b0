import { isDeepStrictEqual } from "node:util";
import type { Evidence } from "./evidence.ts";

const WITH_CONTAINER = new Set(["creating", "booting", "ready", "stopping"]);

/** The work of every turn that ended well is on the host, whole, without container and volume. */
export function checkWork({ ledger, database, host }: Evidence): string[] {
  const problems: string[] = [];
  for (const { id, commit_id: commit } of database.checkpoints) {
    if (host.kept[id] !== commit) problems.push(`checkpoint ${id} is not whole in the quarantine (${host.kept[id]})`);
  }
  for (const { checkpoint, promptId } of ledger.runs) {
    if (!checkpoint) continue;
    const row = database.checkpoints.find(({ id }) => id === checkpoint.id);
    if (row?.commit_id !== checkpoint.commit) {
      problems.push(`${promptId}: its checkpoint was acknowledged and is not recorded`);
    } else if (host.files[checkpoint.id] !== checkpoint.content.trimEnd()) {
      problems.push(`${promptId}: its file is not in the checkpoint as it was written`);
    }
  }
  return problems;
}

/** Rows and engine agree: a sandbox that the row says is there runs under the row's boot, and no other does. */
export function checkEngine({ database, engine }: Evidence): string[] {
  const problems: string[] = [];
  for (const session of database.sessions) {
    const mine = engine.ours.filter((container) => container.sessionId === session.id);
    const running = mine.filter((container) => container.running && container.boot === session.sandbox_boot);
    const expected = WITH_CONTAINER.has(session.sandbox_status) ? 1 : 0;
    if (running.length !== expected || mine.length !== expected) {
      problems.push(`${session.id} is ${session.sandbox_status} and has ${mine.length} containers`);
    }
  }
  return problems;
}

/** Nothing is left over, and nothing that is not ours was touched. */
export function checkLeaks({ database, engine, host }: Evidence): string[] {
  const problems: string[] = [];
  const sessions = new Set(database.sessions.map(({ id }) => id));
  for (const { handle, sessionId } of engine.ours) {
    if (!sessions.has(sessionId)) problems.push(`container ${handle} belongs to no session`);
  }
  if (engine.foreign !== engine.foreignExpected) {
    problems.push(`${engine.foreign} containers of others, there were ${engine.foreignExpected}`);
  }
  const boots = engine.ours.map(({ boot }) => boot);
  for (const name of host.hubDirectories) {
    if (!boots.some((boot) => boot.endsWith(name))) problems.push(`hub directory ${name} belongs to no container`);
  }
  for (const boot of database.boots) {
    if (!boots.includes(boot)) problems.push(`the row of boot ${boot} belongs to no container`);
  }
  for (const name of host.leftovers) problems.push(`${name}: an import's scratch space was left`);
  return problems;
}

/** The user's repository is sound and as the user left it, but for the branches that the sessions' rows tell of. */
export function checkUser({ database, user }: Evidence): string[] {
  const problems: string[] = [];
  if (user.fsck !== "") problems.push(`git fsck: ${user.fsck.slice(0, 300)}`);
  if (!isDeepStrictEqual(user.found, user.expected)) {
    problems.push(`changed: ${JSON.stringify(user.found)} was ${JSON.stringify(user.expected)}`);
  }
  const branches = new Set(database.sessions.map(({ branch }) => branch));
  for (const name of Object.keys(user.branches)) {
    if (!branches.has(name)) problems.push(`branch ${name} belongs to no session`);
  }
  for (const session of database.sessions) {
    if (session.last_commit === null || session.publish_conflict !== null) continue;
    const found = user.branches[session.branch];
    if (found !== session.last_commit || session.published_commit !== session.last_commit) {
      problems.push(`${session.branch} is ${found}, the session's last checkpoint ${session.last_commit}`);
    }
  }
  return problems;
}

export function checkIntegrity({ database }: Evidence): string[] {
  return database.integrity === "ok" ? [] : [database.integrity];
}
