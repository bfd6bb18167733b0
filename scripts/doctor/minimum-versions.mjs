/**
 * @typedef {object} Minimum
 * @property {string} name as the doctor prints it, and what `readVersions` knows it by
 * @property {string[]} fixed the first good version of each line that was mended, ascending; what is newer than all is good
 * @property {number} lineParts how many numbers of a version name its line: 1 for Node.js (22.x), 2 for git (2.39.x)
 * @property {string} why what an older one does wrong, or lacks
 * @property {string} [advice] what to do besides installing a newer one
 */

const DISTRIBUTION =
  "a newer one, or your distribution's with its security fixes (which keep the number): see its changelog";
const NPM = "rm -rf node_modules && ./scripts/dev.sh installs those of package-lock.json";

/**
 * How old a part may be, and why. Below that the system may well work, but a hole is known, so the doctor warns. What it
 * cannot work without at all (Node.js 20.19, git 2.32, Docker API 1.41) is refused by the checks of these.
 * @type {Minimum[]}
 */
export const MINIMUM_VERSIONS = [
  {
    name: "Node.js",
    ...{ fixed: ["20.20.0", "22.22.0", "24.13.0", "25.3.0"], lineParts: 1 },
    why: "uninitialised memory in buffers, and crashes by remote TLS and HTTP/2 peers (CVE-2025-55131, CVE-2025-59465)",
  },
  {
    name: "git",
    ...{ fixed: ["2.39.4", "2.40.2", "2.41.1", "2.42.2", "2.43.4", "2.44.1", "2.45.1"], lineParts: 2 },
    why: "cloning a crafted repository could run its code (CVE-2024-32002, CVE-2024-32004, CVE-2024-32465)",
    advice: DISTRIBUTION,
  },
  {
    name: "GitHub CLI",
    ...{ fixed: ["2.23.0"], lineParts: 2 },
    why: "the oldest whose answers pull requests were tried with",
  },
  {
    name: "Docker engine",
    ...{ fixed: ["20.10.9"], lineParts: 2 },
    why: "its directories were open to other users of the host, `docker cp` changed files' rights (CVE-2021-41091, CVE-2021-41089)",
    advice: DISTRIBUTION,
  },
  {
    name: "containerd",
    ...{ fixed: ["1.5.18", "1.6.18"], lineParts: 2 },
    why: "a container's user kept groups that it should not have (CVE-2023-25173)",
    advice: DISTRIBUTION,
  },
  {
    name: "runc",
    ...{ fixed: ["1.2.8", "1.3.3"], lineParts: 2 },
    why: "races over masked paths and /dev/console led out of a container (CVE-2025-31133, CVE-2025-52565, CVE-2025-52881), a leaked file descriptor as well (CVE-2024-21626)",
    advice: DISTRIBUTION,
  },
  {
    name: "OpenCode",
    ...{ fixed: ["1.18.33"], lineParts: 2 },
    why: "the one that the sandbox was tested with; those before 1.0.216 served HTTP to anybody (CVE-2026-22812)",
    advice: "npm run doctor -- --fix image builds the sandbox image anew",
  },
  {
    name: "SQLite",
    ...{ fixed: ["3.51.3"], lineParts: 2 },
    why: "a write during the reset of the write-ahead log could corrupt the database",
    advice: NPM,
  },
  {
    name: "next",
    ...{ fixed: ["16.2.6"], lineParts: 2 },
    why: "requests past the proxy, cross-site scripting by nonces, requests forged through upgrades (CVE-2026-44578 and twelve more)",
    advice: NPM,
  },
  {
    name: "react",
    ...{ fixed: ["19.0.6", "19.1.7", "19.2.6"], lineParts: 2 },
    why: "a crafted request could exhaust the page's server (CVE-2026-23870)",
    advice: NPM,
  },
  {
    name: "fastify",
    ...{ fixed: ["5.7.3"], lineParts: 2 },
    why: "a tab in Content-Type got bodies past their validation (CVE-2026-25223)",
    advice: NPM,
  },
  {
    name: "undici",
    ...{ fixed: ["6.24.0", "7.24.0"], lineParts: 1 },
    why: "smuggled requests, and compressed messages that exhaust memory (CVE-2026-1525, CVE-2026-1526)",
    advice: NPM,
  },
  {
    name: "ws",
    ...{ fixed: ["8.21.0"], lineParts: 1 },
    why: "tiny fragments that exhaust memory (CVE-2026-48779)",
    advice: NPM,
  },
];
