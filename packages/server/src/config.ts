import { existsSync, mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { previewPortBeside } from "@background-agents/shared/settings/preview-port";
import { parse } from "dotenv";
import { readFileSync } from "node:fs";
import { z } from "zod";

/** The only place that reads the environment. A variable that is set wins over the same one in `.env`. */

const port = z.coerce.number().int().min(0).max(65_535);
const text = z.string().trim().min(1);
const list = z.string().transform((value) =>
  value
    .split(",")
    .map((item) => item.trim().toLowerCase())
    .filter(Boolean),
);

const Environment = z.object({
  PORT: port.default(8787),
  WEB_PORT: port.default(3000),
  PREVIEW_PORT: port.optional(),
  DATA_DIR: text.default("./data"),
  REPOS_DIR: text.default("~/code"),
  SANDBOX_IMAGE: text.default("background-agents-sandbox"),
  SANDBOX_NETWORK: z.enum(["allowlist", "none", "open"]).default("allowlist"),
  SANDBOX_MEMORY: z
    .string()
    .regex(/^\d+(\.\d+)?[kmg]?$/i, "must be a size such as 4g or 512m")
    .default("4g")
    .transform(parseBytes),
  SANDBOX_DISK: z
    .string()
    .regex(/^\d+(\.\d+)?[kmg]?$/i, "must be a size such as 20g, or 0 for no limit")
    .default("20g")
    .transform(parseBytes),
  SANDBOX_CPUS: z.coerce.number().positive().default(2),
  SANDBOX_RUNTIME: text.optional(),
  GIT_CREDENTIALS: z.enum(["broker", "mount", "none"]).default("broker"),
  SANDBOX_HUB: z.enum(["auto", "unix", "tcp"]).default("auto"),
  MAX_RUNNING_SESSIONS: z.coerce.number().int().positive().optional(),
  IDLE_TIMEOUT_MS: z.coerce.number().int().positive().default(900_000),
  SANDBOX_SILENCE_MS: z.coerce.number().int().min(1000).default(35_000),
  ANTHROPIC_API_KEY: text.optional(),
  OPENAI_API_KEY: text.optional(),
  ANTHROPIC_BASE_URL: z.url().default("https://api.anthropic.com"),
  OPENAI_BASE_URL: z.url().default("https://api.openai.com"),
  HTTPS_PROXY: z.url().optional(),
  EXTRA_CA_CERTS: text.optional(),
  ALLOWED_HOSTS: list.default([]),
  LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error", "silent"]).default("info"),
  DEMO_PACE_MS: z.coerce.number().int().nonnegative().default(28),
});

export interface Config {
  port: number;
  webPort: number;
  /** Where the agent's web applications are shown, each under a host name of its own. */
  previewPort: number;
  dataDir: string;
  reposDir: string;
  /** Whether git in a sandbox asks the server (`broker`), has the user's own credentials, or neither. */
  gitCredentials: "broker" | "mount" | "none";
  sandbox: {
    image: string;
    network: "allowlist" | "none" | "open";
    memoryBytes: number;
    /** Of a session's volumes; null: no limit. */
    diskBytes: number | null;
    cpus: number;
    runtime: string | undefined;
    hub: "auto" | "unix" | "tcp";
    maxRunning: number | undefined;
    idleTimeoutMs: number;
    /** A link on which nothing came for this long is half open. */
    silenceMs: number;
  };
  keys: { anthropic: string | undefined; openai: string | undefined };
  baseUrls: { anthropic: string; openai: string };
  upstreamProxy: string | undefined;
  extraCaCerts: string | undefined;
  allowedHosts: string[];
  logLevel: string;
  /** Names of the variables that are set, in the environment or in `.env`; the others have their defaults. */
  given: ReadonlySet<string>;
  /** Pause between the words of the scripted model. */
  demoPaceMs: number;
}

/**
 * Reads the configuration from `env` and the `.env` file of the nearest directory upwards that has one.
 * Relative paths are relative to that directory. Throws an Error whose message names each wrong variable.
 */
export function readConfig(env: NodeJS.ProcessEnv, startDir: string): Config {
  const root = findRoot(startDir);
  const file = join(root, ".env");
  const fromFile = existsSync(file) ? parse(readFileSync(file)) : {};
  const merged = Object.fromEntries(
    Object.entries({ ...fromFile, ...withoutEmpty(env) }).filter(([, value]) => value !== ""),
  );
  const answer = Environment.safeParse(merged);
  if (!answer.success) {
    const lines = answer.error.issues.map((issue) => `  ${issue.path.join(".")}: ${issue.message}`);
    throw new Error(`The configuration is wrong (environment or ${file}):\n${lines.join("\n")}`);
  }
  const values = answer.data;
  return {
    port: values.PORT,
    webPort: values.WEB_PORT,
    previewPort: values.PREVIEW_PORT ?? previewPortBeside(values.PORT, values.WEB_PORT),
    dataDir: expand(values.DATA_DIR, root),
    reposDir: expand(values.REPOS_DIR, root),
    gitCredentials: values.GIT_CREDENTIALS,
    sandbox: {
      image: values.SANDBOX_IMAGE,
      network: values.SANDBOX_NETWORK,
      memoryBytes: values.SANDBOX_MEMORY,
      diskBytes: values.SANDBOX_DISK === 0 ? null : values.SANDBOX_DISK,
      cpus: values.SANDBOX_CPUS,
      runtime: values.SANDBOX_RUNTIME,
      hub: values.SANDBOX_HUB,
      maxRunning: values.MAX_RUNNING_SESSIONS,
      idleTimeoutMs: values.IDLE_TIMEOUT_MS,
      silenceMs: values.SANDBOX_SILENCE_MS,
    },
    keys: { anthropic: values.ANTHROPIC_API_KEY, openai: values.OPENAI_API_KEY },
    baseUrls: { anthropic: values.ANTHROPIC_BASE_URL, openai: values.OPENAI_BASE_URL },
    upstreamProxy: values.HTTPS_PROXY,
    extraCaCerts: values.EXTRA_CA_CERTS,
    allowedHosts: values.ALLOWED_HOSTS,
    logLevel: values.LOG_LEVEL,
    given: new Set(Object.keys(Environment.shape).filter((name) => merged[name] !== undefined)),
    demoPaceMs: values.DEMO_PACE_MS,
  };
}

/** Makes DATA_DIR (0700) and REPOS_DIR where they are missing. */
export function makeDirectories(config: Config): void {
  mkdirSync(config.dataDir, { recursive: true, mode: 0o700 });
  mkdirSync(config.reposDir, { recursive: true });
}

function withoutEmpty(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== ""),
  );
}

/** The project's root: the nearest directory upwards that holds `.env.example`, else where we started. */
function findRoot(startDir: string): string {
  for (let dir = resolve(startDir); ; dir = dirname(dir)) {
    if (existsSync(join(dir, ".env.example"))) return dir;
    if (dirname(dir) === dir) return resolve(startDir);
  }
}

function expand(path: string, root: string): string {
  if (path === "~") return homedir();
  if (path.startsWith("~/")) return join(homedir(), path.slice(2));
  return isAbsolute(path) ? path : resolve(root, path);
}

function parseBytes(value: string): number {
  const unit = value.slice(-1).toLowerCase();
  const factor = { k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 }[unit] ?? 1;
  return Math.round(Number.parseFloat(value) * factor);
}
