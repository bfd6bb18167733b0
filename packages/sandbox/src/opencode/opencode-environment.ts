import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** Stands before the system's programs in the image: a \`node\` that says nothing of how it finds the proxy. */
const QUIET_PROGRAMS = "/opt/background-agents/bin";

const modelsFile = (state: string): string => join(state, "no-models.json");

/**
 * Writes the empty catalogue that OpenCode reads in place of its built-in one, whose thousands of models make each start
 * a second longer: the server's configuration names every model there is. Without the file (a full disk) OpenCode takes
 * its own, so a failure is no harm.
 */
export function ensureNoModels(state: string): void {
  try {
    writeFileSync(modelsFile(state), "{}\n");
  } catch {
    // Slower, but right all the same.
  }
}

export interface AgentEnvironmentOrder {
  state: string;
  config: Record<string, unknown>;
  password: string;
  egressRelayPort: number;
  /** What the agent's git and gh need to reach the server: no secret, and nothing it could not find by itself. */
  gitAccess: Record<string, string>;
  /** The supervisor's own environment. */
  inherited: Readonly<Record<string, string | undefined>>;
}

/**
 * Environment of the OpenCode process, and so of every command the agent runs. The password guards OpenCode's port
 * against nothing inside the container (one trust domain); it keeps other programs from driving it by accident.
 */
export function agentEnvironment(order: AgentEnvironmentOrder): Record<string, string> {
  const { state, config, password, egressRelayPort, gitAccess, inherited } = order;
  const proxy = `http://127.0.0.1:${egressRelayPort}`;
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(inherited)) {
    if (value !== undefined && !/^(BACKGROUND_AGENTS_|OPENCODE_|XDG_|npm_)/.test(name)) env[name] = value;
  }
  return {
    ...env,
    ...gitAccess,
    HOME: join(state, "home"),
    XDG_DATA_HOME: join(state, "share"),
    XDG_CONFIG_HOME: join(state, "config"),
    XDG_STATE_HOME: join(state, "state"),
    XDG_CACHE_HOME: join(state, "cache"),
    OPENCODE_CONFIG_CONTENT: JSON.stringify(config),
    OPENCODE_SERVER_PASSWORD: password,
    OPENCODE_DISABLE_AUTOUPDATE: "1",
    OPENCODE_DISABLE_MODELS_FETCH: "1",
    OPENCODE_MODELS_PATH: modelsFile(state),
    OPENCODE_DISABLE_LSP_DOWNLOAD: "1",
    OPENCODE_DISABLE_SHARE: "1",
    OPENCODE_DISABLE_EMBEDDED_WEB_UI: "1",
    HTTPS_PROXY: proxy,
    HTTP_PROXY: proxy,
    https_proxy: proxy,
    http_proxy: proxy,
    NO_PROXY: "127.0.0.1,localhost,::1",
    no_proxy: "127.0.0.1,localhost,::1",
    // Node's own fetch and http take the proxy from the environment only where they are told to, Yarn under its own names.
    NODE_USE_ENV_PROXY: "1",
    YARN_HTTP_PROXY: proxy,
    YARN_HTTPS_PROXY: proxy,
    // The system's own places are read-only: what the agent installs for itself goes here, and is found.
    PATH: `${join(state, "home/.local/bin")}:${QUIET_PROGRAMS}:${env["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"}`,
    npm_config_prefix: join(state, "home/.local"),
    npm_config_cache: join(state, "cache/npm"),
    npm_config_update_notifier: "false",
    npm_config_fund: "false",
    GIT_TERMINAL_PROMPT: "0",
    PIP_BREAK_SYSTEM_PACKAGES: "1",
    LANG: "C.UTF-8",
  };
}

/** The same for commands that are not the agent's: without what makes OpenCode the one it is. */
export function commandEnvironment(agent: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(agent).filter(([name]) => !name.startsWith("OPENCODE_")));
}
