import { expect, it } from "vitest";
import { agentEnvironment } from "./opencode-environment.ts";

const env = agentEnvironment({
  state: "/state",
  config: { share: "disabled" },
  password: "pw",
  egressRelayPort: 8802,
  gitAccess: { BACKGROUND_AGENTS_GIT_CREDENTIALS: "broker" },
  inherited: {
    PATH: "/usr/bin",
    SSL_CERT_FILE: "/certs",
    BACKGROUND_AGENTS_HUB: "unix:/run/hub/hub.sock",
    OPENCODE_CLIENT: "serve",
    XDG_DATA_HOME: "/elsewhere",
    HTTPS_PROXY: "http://host:1",
    GONE: undefined,
  },
});

it("keeps the agent's data under the state directory and its traffic on the relay", () => {
  expect(env).toMatchObject({
    HOME: "/state/home",
    XDG_DATA_HOME: "/state/share",
    PATH: "/state/home/.local/bin:/opt/background-agents/bin:/usr/bin",
    HTTPS_PROXY: "http://127.0.0.1:8802",
    NO_PROXY: "127.0.0.1,localhost,::1",
    NODE_USE_ENV_PROXY: "1",
    YARN_HTTPS_PROXY: "http://127.0.0.1:8802",
    OPENCODE_MODELS_PATH: "/state/no-models.json",
    OPENCODE_CONFIG_CONTENT: `{"share":"disabled"}`,
    SSL_CERT_FILE: "/certs",
  });
});

it("passes on nothing of the supervisor's own but what git needs, and no setting that changes what OpenCode offers", () => {
  expect(Object.keys(env).filter((name) => /^BACKGROUND_AGENTS_|^GONE$|^OPENCODE_CLIENT$/.test(name))).toEqual([
    "BACKGROUND_AGENTS_GIT_CREDENTIALS",
  ]);
});
