import { checkDatabase } from "./check-database.mjs";
import { checkDependencies } from "./check-dependencies.mjs";
import { checkPermissions, checkRepositories } from "./check-directories.mjs";
import { checkDisk } from "./check-disk.mjs";
import { checkEngine } from "./check-engine.mjs";
import { checkImage } from "./check-image.mjs";
import { checkOrphans } from "./check-orphans.mjs";
import { checkPorts } from "./check-ports.mjs";
import { checkRegistry } from "./check-registry.mjs";
import { checkSettings } from "./check-settings.mjs";
import { checkGit, checkNode } from "./check-tools.mjs";
import { checkVersions } from "./check-versions.mjs";

/**
 * All checks, each after those whose repair it may need.
 * @type {Record<string, (context: import("./context.mjs").Context) => Promise<import("./finding.mjs").Finding[]>>}
 */
export const CHECKS = {
  node: checkNode,
  git: checkGit,
  dependencies: checkDependencies,
  settings: checkSettings,
  engine: checkEngine,
  image: checkImage,
  versions: checkVersions,
  ports: checkPorts,
  disk: checkDisk,
  permissions: checkPermissions,
  database: checkDatabase,
  repositories: checkRepositories,
  orphans: checkOrphans,
  registry: checkRegistry,
};
