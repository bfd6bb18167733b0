import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { AppError, messageOf } from "../lib/app-error.ts";
import type { Git } from "../lib/git-process.ts";
import type { CloneSource } from "./clone-url.ts";
import type { SampleCommit } from "./sample-project.ts";

const SAMPLE_NAME = "background-agents-sample";

/**
 * Clones into `<reposDir>/<name>` with the user's own git, SSH and credentials; appears there whole or not at all.
 * Throws `repository.invalid` where something is there, `repository.clone-failed` with what git said.
 */
export function cloneRepository(git: Git, source: CloneSource, reposDir: string): Promise<string> {
  const target = join(reposDir, source.name);
  if (existsSync(target)) {
    const message = `${target} is there already: use that, or move it away. Nothing is overwritten.`;
    throw new AppError("repository.invalid", message);
  }
  return appear(target, async (unfinished) => {
    const args = ["clone", "--progress", "--no-recurse-submodules", "--end-of-options", source.url, unfinished];
    const env = { GIT_ALLOW_PROTOCOL: "https:ssh", GIT_PROTOCOL_FROM_USER: "0" };
    try {
      await git.run(args, { cwd: reposDir, discover: true, trust: "user", env });
    } catch (error) {
      const said = messageOf(error).replaceAll(unfinished, target);
      throw new AppError("repository.clone-failed", `${source.url} could not be cloned. ${said}`, { cause: error });
    }
  });
}

/** Makes `<reposDir>/background-agents-sample[-n]` with the given commits. */
export async function makeSampleRepository(
  git: Git,
  reposDir: string,
  sample: { commits: readonly SampleCommit[]; identity: { name: string; email: string } },
): Promise<string> {
  let target = join(reposDir, SAMPLE_NAME);
  for (let n = 2; existsSync(target); n += 1) target = join(reposDir, `${SAMPLE_NAME}-${n}`);
  const { name, email } = sample.identity;
  const env = { GIT_AUTHOR_NAME: name, GIT_AUTHOR_EMAIL: email, GIT_COMMITTER_NAME: name, GIT_COMMITTER_EMAIL: email };
  return appear(target, async (unfinished) => {
    await git.run(["init", "--quiet", "--template=", "-b", "main"], { cwd: unfinished });
    for (const { message, files } of sample.commits) {
      for (const [path, content] of Object.entries(files)) {
        await mkdir(dirname(join(unfinished, path)), { recursive: true });
        await writeFile(join(unfinished, path), content);
      }
      await git.run(["add", "--all"], { cwd: unfinished });
      await git.run(["commit", "--quiet", "-m", message], { cwd: unfinished, env });
    }
  });
}

/** Builds a directory under a hidden name beside `target` and gives it its name at the end. */
async function appear(target: string, build: (unfinished: string) => Promise<void>): Promise<string> {
  await mkdir(dirname(target), { recursive: true });
  const holder = await mkdtemp(join(dirname(target), ".background-agents-"));
  const unfinished = join(holder, "repository");
  try {
    await mkdir(unfinished);
    await build(unfinished);
    if (existsSync(target)) throw new AppError("repository.invalid", `${target} was made by someone else meanwhile.`);
    await rename(unfinished, target);
    return target;
  } finally {
    await rm(holder, { recursive: true, force: true });
  }
}
