import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { expandPath, mergeEnvironment } from "./env-file.mjs";
import { failure } from "./failure.mjs";

/** The root of the checkout. */
export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");

/**
 * @typedef {object} Settings
 * @property {string} root
 * @property {number} port of the API
 * @property {number} webPort of the page
 * @property {number} previewPort where agents' web applications are shown; listened to when the first is looked at
 * @property {string} dataDir absolute
 * @property {string} sandboxImage
 * @property {Record<string, string>} env what the started processes get
 */

/**
 * The few settings the scripts themselves need; everything else is the server's (`packages/server/src/config.ts`).
 * @param {string} root
 * @param {NodeJS.ProcessEnv} processEnv
 * @returns {Settings}
 */
export function readSettings(root, processEnv) {
  const env = mergeEnvironment(root, processEnv);
  const port = readPort(env, "PORT", 8787);
  const webPort = readPort(env, "WEB_PORT", 3000);
  if (port === webPort) throw failure(`PORT and WEB_PORT are both ${port}: give them different numbers.`);
  const previewPort = readPort(env, "PREVIEW_PORT", choosePreviewPort(port, webPort));
  if (env["PREVIEW_PORT"] !== undefined && (previewPort === port || previewPort === webPort)) {
    throw failure(`PREVIEW_PORT is ${previewPort}, as is another port: give them different numbers.`);
  }
  const dataDir = expandPath(env["DATA_DIR"] ?? "./data", root);
  return {
    root,
    port,
    webPort,
    previewPort,
    dataDir,
    sandboxImage: env["SANDBOX_IMAGE"] ?? "background-agents-sandbox",
    env: {
      ...env,
      PORT: String(port),
      WEB_PORT: String(webPort),
      PREVIEW_PORT: String(previewPort),
      DATA_DIR: dataDir,
      NEXT_TELEMETRY_DISABLED: "1",
      ...findCertificates(env),
    },
  };
}

/**
 * Node carries roots of its own and does not look at the system's, where a company's are installed.
 * @param {Record<string, string>} env
 * @returns {Record<string, string>}
 */
function findCertificates(env) {
  const candidates = [env["NODE_EXTRA_CA_CERTS"], env["EXTRA_CA_CERTS"], "/etc/ssl/certs/ca-certificates.crt"];
  const file = candidates.find((candidate) => candidate !== undefined && existsSync(candidate));
  return file === undefined ? {} : { NODE_EXTRA_CA_CERTS: file };
}

/**
 * As the server chooses it (packages/shared/src/settings/preview-port.ts), and the page has to know.
 * @param {number} port
 * @param {number} webPort
 */
function choosePreviewPort(port, webPort) {
  const near = [port + 1, port + 2].filter((one) => one <= 65_535);
  return near.find((one) => one !== webPort) ?? (port - 1 === webPort ? port - 2 : port - 1);
}

/**
 * @param {Record<string, string>} env
 * @param {string} name
 * @param {number} fallback
 */
function readPort(env, name, fallback) {
  const text = env[name];
  if (text === undefined) return fallback;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw failure(`${name} is "${text}": it must be a port number from 1 to 65535.`);
  }
  return port;
}

/**
 * The environment of the page's server, which has no use for keys.
 * @param {Settings} settings
 * @returns {Record<string, string>}
 */
export function buildWebEnv(settings) {
  return Object.fromEntries(Object.entries(settings.env).filter(([name]) => !/_(API_KEY|TOKEN|SECRET)$/.test(name)));
}
