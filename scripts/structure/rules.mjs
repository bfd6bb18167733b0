import {
  EMPTY_NAMES,
  HARMLESS_PARTS,
  LONGEST_FILE,
  OUTSIDE_GLOBALS,
  OUTSIDE_MODULES,
  PACKAGES,
  SQL_FILES,
} from "./layers.mjs";

/** @typedef {import("./read-sources.mjs").Source} Source */

/**
 * Everything that is wrong with the structure, one line each: `file:line what and why`.
 * @param {Source[]} sources
 * @returns {string[]}
 */
export function findProblems(sources) {
  const byFile = new Map(sources.map((source) => [source.file, source]));
  const importProblems = sources.flatMap((source) =>
    source.imports.flatMap((one) => {
      const target = one.target === undefined ? undefined : byFile.get(one.target);
      const problems = [findPackageProblem(source, one.specifier, target), findOutsideProblem(source, one)];
      if (target !== undefined) problems.push(findLayerProblem(source, target), findTestingProblem(source, target));
      return problems.flatMap((problem) => (problem === undefined ? [] : [`${source.file}:${one.line} ${problem}`]));
    }),
  );
  return [...findEmptyPackages(sources), ...importProblems, ...sources.flatMap(findContentProblems)];
}

/**
 * A checker that read nothing would approve of everything.
 * @param {Source[]} sources
 */
function findEmptyPackages(sources) {
  return PACKAGES.filter((owner) => !sources.some((source) => source.package === owner)).map(
    (owner) => `${owner.directory} not one source file was read`,
  );
}

/** @param {Source} source @param {string} specifier @param {Source | undefined} target */
function findPackageProblem(source, specifier, target) {
  const from = /^packages\/(\w+)\//.exec(source.file)?.[1];
  const named = /^@background-agents\/(\w+)/.exec(specifier)?.[1];
  const to = /^packages\/(\w+)\//.exec(target?.file ?? "")?.[1] ?? named;
  if (from === undefined || to === undefined) return undefined;
  if (from === to) return named === undefined ? undefined : "imports its own package by name: use a relative path";
  if (to !== "shared") return `package ${from} imports package ${to}: only shared may be imported`;
  return named === undefined ? "reaches into another package by path: use @background-agents/shared/…" : undefined;
}

/** @param {Source} source @param {Source} target */
function findLayerProblem(source, target) {
  const owner = source.package;
  if (owner === undefined || owner !== target.package || source.isTest || owner.layers.length === 0) return undefined;
  const from = layerOf(source.path);
  const to = layerOf(target.path);
  const fromRank = owner.layers.indexOf(from);
  const toRank = owner.layers.indexOf(to);
  if (fromRank === -1) return `"${from}" has no place in the order of ${owner.name}: see scripts/structure/layers.mjs`;
  if (target.isTest) return undefined;
  if (toRank === -1) return `"${to}" has no place in the order of ${owner.name}: see scripts/structure/layers.mjs`;
  if (toRank < fromRank) return `"${from}" imports "${to}", which stands above it: pass a callback in from above`;
  if (from === to && owner.isolatedFolders.includes(from)) {
    const room = source.path.split("/")[1];
    const otherRoom = target.path.split("/")[1];
    if (room !== otherRoom) return `${from} "${room}" imports ${from} "${otherRoom}": put them together one layer up`;
  }
  return undefined;
}

/**
 * The folder, or the file itself where it lies directly in the sources.
 * @param {string} path
 */
function layerOf(path) {
  return String(path.split("/")[0]);
}

/** @param {Source} source @param {Source} target */
function findTestingProblem(source, target) {
  const shipped = source.package !== undefined && !source.isTest;
  return shipped && target.isTest ? "imports test code into the product" : undefined;
}

/** @param {Source} source @param {import("./scan-module.mjs").Import} one */
function findOutsideProblem(source, one) {
  const owner = source.package;
  if (owner === undefined || source.isTest) return undefined;
  const name = one.specifier.replace(/^(child_process|dgram|http2?|https|net|tls)$/, "node:$1");
  if (owner.name === "shared" && name.startsWith("node:")) return `shared runs in the browser too: no ${name}`;
  if (one.typeOnly) return undefined;
  if (name === "node:process" || name === "process") return "imports process: use the global one where it is allowed";
  if (owner.name === "server" && name === "better-sqlite3" && !SQL_FILES.test(source.path)) {
    return "only db/, *-store.ts and event-log.ts open databases";
  }
  if (!OUTSIDE_MODULES.has(name) || owner.outsideFiles.test(source.path)) return undefined;
  if (one.names.length > 0 && one.names.every((part) => HARMLESS_PARTS.has(part))) return undefined;
  return `imports ${name}: only files ${owner.outsideFiles.source} touch the outside world`;
}

/** @param {Source} source @returns {string[]} */
function findContentProblems(source) {
  const { file, module, package: owner } = source;
  const problems = [];
  if (EMPTY_NAMES.test(file)) problems.push(`${file}:1 a name that says nothing: call it after what it holds`);
  if (module.codeLines > LONGEST_FILE) {
    problems.push(`${file}:1 ${module.codeLines} lines of code, more than ${LONGEST_FILE}: split it by concern`);
  }
  if (owner === undefined || source.isTest) return problems;
  for (const { name, line } of module.environmentReads) {
    if (owner.environmentFiles.test(source.path) || (name === "NODE_ENV" && owner.name === "web")) continue;
    problems.push(`${file}:${line} reads the environment: only ${owner.environmentFiles.source} may`);
  }
  for (const { name, line } of module.globalCalls) {
    if (!OUTSIDE_GLOBALS.has(name) || owner.outsideFiles.test(source.path)) continue;
    if (module.imports.some(({ specifier }) => specifier === "ws") && name === "WebSocket") continue;
    problems.push(`${file}:${line} uses ${name}: only files ${owner.outsideFiles.source} touch the outside world`);
  }
  if (owner.name === "server" && !SQL_FILES.test(source.path)) {
    for (const line of module.sqlLines) {
      problems.push(`${file}:${line} holds SQL: only db/, *-store.ts and event-log.ts may`);
    }
  }
  return problems;
}
