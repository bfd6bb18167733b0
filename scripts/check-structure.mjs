import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { findCycles } from "./structure/find-cycles.mjs";
import { readSources } from "./structure/read-sources.mjs";
import { findProblems } from "./structure/rules.mjs";

/** Holds the order of packages and folders. Usage: node scripts/check-structure.mjs [root] */
const root = resolve(process.argv[2] ?? resolve(dirname(fileURLToPath(import.meta.url)), ".."));
const sources = readSources(root);
const problems = [...findProblems(sources), ...findCycles(sources)].toSorted();
for (const problem of problems) console.error(problem);
console.log(`structure: ${sources.length} files read, ${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;
