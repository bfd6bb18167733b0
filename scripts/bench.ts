import { runGitBench } from "./bench/git-bench.ts";
import { readGitOptions } from "./bench/git-options.ts";
import { runPageBench } from "./bench/page-bench.ts";
import { readStartOptions } from "./bench/start-options.ts";
import { runStartBench } from "./bench/start-bench.ts";

/** `npm run bench -- <name> [options]`. A bench reports and never judges: it fails only where a run failed. */
const BENCHES: Record<string, (args: string[]) => Promise<void>> = {
  git: async (args) => runGitBench(readGitOptions(args)),
  page: async () => runPageBench(),
  start: async (args) => runStartBench(readStartOptions(args)),
};

const [name = "", ...args] = process.argv.slice(2);
const bench = BENCHES[name];
if (bench === undefined) {
  console.error(`Usage: npm run bench -- ${Object.keys(BENCHES).join("|")} [--samples <n>] [--json <file>]`);
  process.exit(2);
}
try {
  await bench(args);
} catch (error) {
  // The outermost says what was done, the innermost why it failed.
  for (let cause = error; cause instanceof Error; cause = cause.cause) console.error(cause.message);
  process.exitCode = 1;
}
