import { bad, ok } from "./finding.mjs";
import { runCommand } from "./run-command.mjs";
import { isAtLeast } from "./versions.mjs";

/** @typedef {import("./context.mjs").Context} Context */

const MINIMUM_NODE = "20.19";
/** From here on git can be told to read no configuration but ours (GIT_CONFIG_GLOBAL). */
const MINIMUM_GIT = "2.32";

/** @param {string} version @returns {import("./finding.mjs").Finding} */
export function judgeNode(version) {
  if (isAtLeast(version, MINIMUM_NODE)) return ok(`Node.js ${version}`);
  return bad(`Node.js ${version} is too old`, `install ${MINIMUM_NODE} or newer (https://nodejs.org)`);
}

/** @param {import("./run-command.mjs").Answer} answer of `git --version` @returns {import("./finding.mjs").Finding} */
export function judgeGit(answer) {
  if (answer.code === 127) return bad("git is not installed", "install it (Debian, Ubuntu: apt-get install git)");
  const version = answer.stdout.trim().replace(/^git version /, "");
  if (isAtLeast(version, MINIMUM_GIT)) return ok(`git ${version}`);
  return bad(`git ${version || "does not answer"}: ${MINIMUM_GIT} or newer is needed`, "install a newer git");
}

export const checkNode = async () => [judgeNode(process.versions.node)];

/** @param {Context} context */
export const checkGit = async ({ settings }) => [
  judgeGit(await runCommand(["git", "--version"], { env: settings.env })),
];
