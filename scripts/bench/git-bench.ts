import { writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { performance } from "node:perf_hooks";
import { git } from "./git-command-process.ts";
import type { GitOptions } from "./git-options.ts";
import { buildGitReport, formatGitReport } from "./git-report.ts";
import { createGitWorld } from "./git-world.ts";
import { ensureLargeRepository } from "./large-repository.ts";
import { measureCreation } from "./measure-creation.ts";
import { measurePaint } from "./measure-paint.ts";
import { measureTurns } from "./measure-turns.ts";

/**
 * Measures a session's git on a large repository: its working tree beside what git itself makes, the import at the end of
 * a turn, the first diff, and the disk it takes. No container: the same code runs on the host.
 */
export async function runGitBench(options: GitOptions): Promise<void> {
  const { samples, turns, files, commits, jsonFile } = options;
  const startedAt = new Date().toISOString();
  console.error(`Making a repository of ${files} files and ${commits} commits, if it is not there …`);
  const world = await createGitWorld(await ensureLargeRepository({ files, commits }));
  const stopOnSignal = () => void world.close().finally(() => process.exit(130));
  process.once("SIGINT", stopOnSignal).once("SIGTERM", stopOnSignal);
  const onSample = (text: string) => console.error(text);
  try {
    const { repositoryId, repositoryPath, mirrors } = world;
    const since = performance.now();
    await mirrors.ensure({ repositoryId, repositoryPath, branch: "main" });
    const mirrorMs = performance.now() - since;
    const creation = await measureCreation(world, { samples, onSample });
    const figures = await measureTurns(world, { turns, files, onSample });
    const paintMs = options.page ? await measurePaint(repositoryPath, { samples, onSample }) : undefined;
    const machine = {
      processors: cpus().length,
      git: (await git(world.root, "--version")).replace("git version ", ""),
      "load at the end": loadavg()[0]?.toFixed(1) ?? "",
    };
    const repository = { files, commits };
    const measured = { mirrorMs, creation, turns: figures, ...(paintMs && { paintMs }) };
    const report = buildGitReport({ startedAt, machine, repository, ...measured });
    if (jsonFile !== undefined) writeFileSync(jsonFile, `${JSON.stringify(report, undefined, 2)}\n`);
    console.log(formatGitReport(report));
  } finally {
    await world.close();
    process.off("SIGINT", stopOnSignal).off("SIGTERM", stopOnSignal);
  }
}
