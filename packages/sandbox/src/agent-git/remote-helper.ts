import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { bundleWork } from "../workspace/bundle-work.ts";
import type { Git } from "../workspace/git-process.ts";
import type { AgentGitClient } from "./agent-git-client.ts";
import { parsePush } from "./parse-push.ts";

export interface RemoteHelperDeps {
  /** Git in the repository that called. */
  git: Git;
  /** That repository's own directory. */
  gitDir: string;
  client: AgentGitClient;
  /** Git's orders, a line at a time. */
  lines: AsyncIterable<string>;
  /** Answers git. */
  write: (text: string) => void;
  /** Tells whoever runs git, a line at a time. */
  say: (line: string) => void;
}

const REFS_AT_ONCE = 50;
const HAVE_LIMIT = 256;
/** What git may ask for and needs nothing done about: one branch is pushed, and the lease is the server's. */
const FINE_OPTIONS = new Set(["progress", "cas", "atomic"]);
/** Set in the clone by the supervisor: the commit that the session began from. */
const BASE_KEY = "background-agents.base";

/**
 * Git's side of `background-agents::origin` (gitremote-helpers): refs, objects and pushes go by the server, which holds
 * the credentials and decides. Resolves when git has no more to say; rejects with words for whoever runs git.
 */
export async function runRemoteHelper(deps: RemoteHelperDeps): Promise<void> {
  const { client, write } = deps;
  const options = { dryRun: false, quiet: false };
  let fetches: { commit: string; name: string }[] = [];
  let pushes: string[] = [];
  for await (const line of deps.lines) {
    const [word = "", ...rest] = line.split(" ");
    const argument = rest.join(" ");
    switch (word) {
      case "capabilities":
        write("fetch\npush\noption\n\n");
        break;
      case "option":
        write(setOption(options, argument));
        break;
      case "list": {
        const { refs } = await client.listRefs();
        write(`${refs.map(({ name, commit }) => `${commit} ${name}\n`).join("")}\n`);
        break;
      }
      case "fetch":
        fetches.push({ commit: rest[0] ?? "", name: rest[1] ?? "" });
        break;
      case "push":
        pushes.push(argument);
        break;
      case "":
        // The end of a list of fetches or pushes, or of everything.
        if (fetches.length === 0 && pushes.length === 0) return;
        if (fetches.length > 0) await bring(deps, fetches);
        for (const refspec of pushes) write(await push(deps, refspec, options));
        [fetches, pushes] = [[], []];
        write("\n");
        break;
      default:
        throw new Error(`git asks for ${JSON.stringify(word)}, which is not known here.`);
    }
  }
}

function setOption(options: { dryRun: boolean; quiet: boolean }, argument: string): string {
  const [name = "", value = ""] = argument.split(" ");
  if (name === "dry-run") options.dryRun = value === "true";
  else if (name === "verbosity") options.quiet = Number(value) < 1;
  else if (!FINE_OPTIONS.has(name)) return "unsupported\n";
  return "ok\n";
}

async function bring(deps: RemoteHelperDeps, wanted: { commit: string; name: string }[]): Promise<void> {
  const { git, gitDir, client } = deps;
  // Mostly the server's mirror has them, which this clone borrows from: then nothing needs to be sent.
  for (const sharesMirror of [true, false]) {
    const missing = await listMissing(git, wanted);
    if (missing.length === 0) return;
    const have = sharesMirror ? [] : await listTips(git);
    for (let at = 0; at < missing.length; at += REFS_AT_ONCE) {
      const refs = missing.slice(at, at + REFS_AT_ONCE).map(({ name }) => name);
      const file = join(gitDir, `background-agents-fetch-${randomUUID()}`);
      try {
        if (await client.fetch({ refs, have, sharesMirror }, file)) await git(["bundle", "unbundle", file]);
      } finally {
        await rm(file, { force: true });
      }
    }
  }
  const [lost] = await listMissing(git, wanted);
  if (lost) throw new Error(`${lost.name} moved on the remote meanwhile: fetch again.`);
}

async function listMissing<T extends { commit: string }>(git: Git, wanted: T[]): Promise<T[]> {
  const input = wanted.map(({ commit }) => `${commit}\n`).join("");
  const { stdout } = await git(["cat-file", "--batch-check=%(objecttype)"], { input });
  const found = stdout.split("\n");
  return wanted.filter((_, at) => found[at] !== "commit");
}

async function listTips(git: Git): Promise<string[]> {
  const { stdout } = await git(["for-each-ref", "--sort=-committerdate", "--format=%(objecttype) %(objectname)"]);
  const commits = stdout.split("\n").flatMap((line) => /^commit ([0-9a-f]{40})$/.exec(line)?.[1] ?? []);
  return [...new Set(commits)].slice(0, HAVE_LIMIT);
}

/** Answers what git is told of this refspec. */
async function push(
  deps: RemoteHelperDeps,
  refspec: string,
  { dryRun, quiet }: { dryRun: boolean; quiet: boolean },
): Promise<string> {
  const { git, gitDir, client } = deps;
  const order = parsePush(refspec);
  if ("refused" in order) return `error ${order.target} ${order.refused}\n`;
  const commit = (await git(["rev-parse", "--verify", "--end-of-options", `${order.source}^{commit}`])).stdout.trim();
  if (dryRun) return `ok ${order.target}\n`;
  const base = (await git(["config", "--get", BASE_KEY])).stdout.trim();
  const file = join(gitDir, `background-agents-push-${randomUUID()}`);
  const requestId = randomUUID();
  const takeBack = (): void => void client.withdraw(requestId).finally(() => process.exit(130));
  process.once("SIGINT", takeBack);
  try {
    const isNew = await bundleWork(git, file, { base, commit });
    if (!quiet) {
      deps.say(
        `Asking the server to push ${commit.slice(0, 10)} to ${order.branch}. If the session asks first, this waits ` +
          `for the user's approval in the session page, for as long as that takes: give the command a long time limit.`,
      );
    }
    const answer = await client.push({ requestId, commit, branch: order.branch, file: isNew ? file : undefined });
    // Why it was refused is heard even by who wants to hear nothing, as with git's own errors.
    if (!answer.ok || !quiet) deps.say(answer.message);
    return answer.ok ? `ok ${order.target}\n` : `error ${order.target} not pushed, the reason stands above\n`;
  } finally {
    process.off("SIGINT", takeBack);
    await rm(file, { force: true });
  }
}
