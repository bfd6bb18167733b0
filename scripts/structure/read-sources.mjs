import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix, relative, sep } from "node:path";
import { PACKAGES } from "./layers.mjs";
import { scanModule } from "./scan-module.mjs";

const SOURCE = /\.(ts|tsx|mjs)$/;
const SKIPPED = new Set(["node_modules", "dist", ".next", ".cache", "coverage", "test-results"]);

/**
 * @typedef {object} Source
 * @property {string} file from the root, with `/`
 * @property {import("./layers.mjs").Package | undefined} package the package whose ordered sources it is part of
 * @property {string} path inside those sources, else `file`
 * @property {boolean} isTest
 * @property {import("./scan-module.mjs").ScannedModule} module
 * @property {(import("./scan-module.mjs").Import & { target: string | undefined })[]} imports `target`: a file from the
 *   root where the import leads to one of ours
 */

/**
 * Reads every source file under `packages`, `e2e` and `scripts` of `root`.
 * @param {string} root
 * @returns {Source[]}
 */
export function readSources(root) {
  const files = ["packages", "e2e", "scripts"].flatMap((folder) => listFiles(join(root, folder)));
  const known = new Set(files.map((file) => relative(root, file).split(sep).join("/")));
  return [...known].map((file) => {
    const owner = PACKAGES.find(({ directory }) => file.startsWith(`${directory}/`));
    const scanned = scanModule(file, readFileSync(join(root, file), "utf8"));
    return {
      file,
      package: owner,
      path: owner === undefined ? file : file.slice(owner.directory.length + 1),
      isTest: /\.test\.tsx?$/.test(file) || /(^|\/)(testing|test)\//.test(file) || file.startsWith("e2e/"),
      module: scanned,
      imports: scanned.imports.map((one) => ({ ...one, target: resolveImport(file, one.specifier, known) })),
    };
  });
}

/** @param {string} directory @returns {string[]} */
function listFiles(directory) {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    if (entry.isDirectory()) return SKIPPED.has(entry.name) ? [] : listFiles(join(directory, entry.name));
    return SOURCE.test(entry.name) && !entry.name.endsWith(".d.ts") ? [join(directory, entry.name)] : [];
  });
}

/** @param {string} from @param {string} specifier @param {Set<string>} known */
function resolveImport(from, specifier, known) {
  const base = specifier.startsWith(".")
    ? posix.join(dirname(from), specifier)
    : specifier.replace(/^@background-agents\/(\w+)\//, "packages/$1/src/");
  if (base === specifier) return undefined;
  return ["", ".ts", ".tsx", "/index.ts"].map((ending) => base + ending).find((file) => known.has(file));
}
