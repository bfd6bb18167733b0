/**
 * The order of the house: an entry may import what stands after it, never what stands before it. A folder that is not
 * listed is a mistake: add it where it belongs. See ARCHITECTURE.md.
 *
 * @typedef {object} Package
 * @property {string} name
 * @property {string} directory its sources
 * @property {string[]} layers folders and files of the sources, top first; empty: no order inside
 * @property {string[]} isolatedFolders folders whose sub-folders never import each other
 * @property {RegExp} environmentFiles where `process.env` may be read
 * @property {RegExp} outsideFiles which files may reach network, processes or the engine
 */

/** @type {Package[]} */
export const PACKAGES = [
  {
    name: "shared",
    directory: "packages/shared/src",
    layers: [],
    isolatedFolders: [],
    environmentFiles: /^$/,
    outsideFiles: /^$/,
  },
  {
    name: "server",
    directory: "packages/server/src",
    layers: [
      "main.ts",
      "app.ts",
      "serve-api.ts",
      "agent-git",
      "pull-requests",
      "publishing",
      "reviews",
      "search",
      "housekeeping",
      "time-travel",
      "budgets",
      "network",
      "sessions",
      "jobs",
      "previews",
      "sandboxes",
      "terminals",
      "egress",
      "models",
      "usage",
      "repositories",
      "secrets",
      "settings",
      "events",
      "blobs",
      "http",
      "db",
      "lib",
      "config.ts",
    ],
    isolatedFolders: [],
    // A `-process.ts` builds the environment of a child from ours.
    environmentFiles: /^(config|main)\.ts$|-process\.ts$/,
    outsideFiles: /^(main|app)\.ts$|-(provider|client|socket|link|hub|process)\.ts$/,
  },
  {
    name: "sandbox",
    directory: "packages/sandbox/src",
    layers: [
      "main.ts",
      "git-remote-main.ts",
      "gh-main.ts",
      "connect-main.ts",
      "agent-git",
      "supervisor",
      "opencode",
      "workspace",
      "lib",
    ],
    isolatedFolders: [],
    environmentFiles: /^([a-z-]+-)?main\.ts$|-process\.ts$/,
    outsideFiles: /^([a-z-]+-)?main\.ts$|^workspace\/|-(provider|client|socket|link|process)\.ts$/,
  },
  {
    name: "web",
    directory: "packages/web/src",
    layers: ["proxy.ts", "app", "features", "api", "ui", "lib"],
    isolatedFolders: ["features"],
    environmentFiles: /^proxy\.ts$|^app\/layout\.tsx$/,
    outsideFiles: /^api\//,
  },
];

/** Importing one of these reaches out of the process. */
export const OUTSIDE_MODULES = new Set([
  "node:child_process",
  "node:dgram",
  "node:http",
  "node:http2",
  "node:https",
  "node:net",
  "node:tls",
  "dockerode",
  "undici",
  "ws",
]);

/** Parts of those that only tell or hold something. */
export const HARMLESS_PARTS = new Set(["BlockList", "EnvHttpProxyAgent", "Socket", "isIP", "isIPv4", "isIPv6"]);

/** Calling or constructing one of these does so too. */
export const OUTSIDE_GLOBALS = new Set(["fetch", "WebSocket", "EventSource"]);

/** Where SQL may be written, inside the server. */
export const SQL_FILES = /^db\/|-store\.ts$|(^|\/)event-log\.ts$/;

/** Names that say nothing about what is inside. */
export const EMPTY_NAMES = /(^|\/)(utils?|helpers?|common|types|misc)(\.tsx?|\/)/;

/** Above this many lines of code a file is to be split. */
export const LONGEST_FILE = 300;
