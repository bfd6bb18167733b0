import { countCheck, countFaults, countPlaywright, countVitest } from "./count-results.mjs";

/**
 * @typedef {object} Stage
 * @property {string} name
 * @property {"set-up" | "check" | "tests"} kind a set-up counts only when it fails, a check counts as one
 * @property {string[]} command
 * @property {string[]} needs set-ups that must have worked
 * @property {number} limitMs after which it is ended and counts as failed: far above what it takes, so that only what hangs is ended
 * @property {(resultFile: string) => Record<string, string>} [env]
 * @property {import("./count-results.mjs").Counter} count
 */

const MINUTE = 60_000;

/**
 * What `scripts/test.sh` does, in this order: quick first, each set-up only before the first stage that needs it.
 * @type {Stage[]}
 */
export const STAGES = [
  setUp("dependencies", ["node", "scripts/setup/ensure-dependencies.mjs"], []),
  check("format", ["npm", "run", "--silent", "format:check"]),
  check("lint", ["npm", "run", "--silent", "lint"]),
  check("types", ["npm", "run", "--silent", "typecheck"]),
  setUp("sshd", ["bash", "scripts/setup/ensure-sshd.sh"], []),
  setUp("gh", ["bash", "scripts/setup/ensure-gh.sh"], []),
  vitest("unit", ["vitest", "run"], ["sshd", "gh"]),
  setUp("opencode", ["bash", "scripts/setup/ensure-opencode.sh"], ["dependencies"]),
  vitest("sandbox", ["vitest", "run", "--config", "packages/sandbox/vitest.config.ts"], ["opencode"]),
  {
    name: "faults",
    kind: "tests",
    command: ["npm", "run", "--silent", "faults", "--", "--quick", "--seed", "1"],
    needs: ["dependencies"],
    limitMs: 20 * MINUTE,
    env: (resultFile) => ({ FAULTS_JSON: resultFile }),
    count: countFaults,
  },
  check("build", ["npm", "run", "--silent", "build"]),
  setUp("engine", ["bash", "scripts/setup/ensure-engine.sh"], []),
  setUp("image", ["bash", "scripts/setup/ensure-image.sh"], ["dependencies", "engine"]),
  setUp("chromium", ["bash", "scripts/setup/ensure-chromium.sh"], ["dependencies"]),
  {
    name: "attacks",
    kind: "tests",
    command: ["npm", "run", "--silent", "attacks", "--", "--quick"],
    needs: ["dependencies", "image", "chromium"],
    limitMs: 15 * MINUTE,
    env: (resultFile) => ({ ATTACKS_JSON: resultFile }),
    count: countFaults,
  },
  {
    name: "e2e",
    kind: "tests",
    command: ["node_modules/.bin/playwright", "test", "-c", "e2e/playwright.config.ts", "--reporter=line,json"],
    needs: ["dependencies", "build", "image", "chromium", "sshd"],
    limitMs: 25 * MINUTE,
    env: (resultFile) => ({ PLAYWRIGHT_JSON_OUTPUT_FILE: resultFile }),
    count: countPlaywright,
  },
];

/**
 * The stages of the given names with the set-ups they need; all where no name is given. Throws where a name is unknown.
 * @param {string[]} names
 * @returns {Stage[]}
 */
export function selectStages(names) {
  if (names.length === 0) return STAGES;
  /** @type {Set<string>} */
  const wanted = new Set();
  /** @param {string} name */
  const add = (name) => {
    const stage = STAGES.find((one) => one.name === name);
    if (stage === undefined)
      throw new Error(`There is no stage "${name}": ${STAGES.map((one) => one.name).join(", ")}.`);
    wanted.add(name);
    stage.needs.forEach(add);
  };
  names.forEach(add);
  return STAGES.filter(({ name }) => wanted.has(name));
}

/** @param {string} name @param {string[]} command @param {string[]} needs @returns {Stage} */
function setUp(name, command, needs) {
  return { name, kind: "set-up", command, needs, limitMs: 15 * MINUTE, count: countCheck };
}

/** @param {string} name @param {string[]} command @returns {Stage} */
function check(name, command) {
  return { name, kind: "check", command, needs: ["dependencies"], limitMs: 10 * MINUTE, count: countCheck };
}

/** @param {string} name @param {string[]} command @param {string[]} needs @returns {Stage} */
function vitest(name, [program, ...args], needs) {
  return {
    name,
    kind: "tests",
    command: [`node_modules/.bin/${program}`, ...args, "--reporter=default", "--reporter=json"],
    needs: ["dependencies", ...needs],
    limitMs: 25 * MINUTE,
    count: countVitest,
  };
}
