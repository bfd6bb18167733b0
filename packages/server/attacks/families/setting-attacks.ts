import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildDockerfile } from "../../src/sandboxes/derived-image.ts";
import type { TestServer } from "../../src/testing/test-server.ts";
import type { AttackCase, Attempt } from "../attack.ts";
import type { AttackWorld } from "../attack-world.ts";
import { shareWholeServer } from "../whole-server.ts";

/** Values that a hostile repository's README or `.env` talks somebody into setting. */

const startWhole = shareWholeServer();

async function withDirectory(act: (directory: string) => Promise<Attempt> | Attempt): Promise<Attempt> {
  const directory = mkdtempSync(join(tmpdir(), "baa-set-"));
  try {
    return await act(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Names of packages become part of a command that runs as root while an image is built. */
const PACKAGES: [name: string, write: (evidence: string) => string][] = [
  ["that ends its quote", (evidence) => `tree'; touch ${evidence}; '`],
  ["that begins another line", (evidence) => `tree'\nRUN touch ${evidence} '`],
  ["that is an option of apt's", (evidence) => `-oDPkg::Pre-Invoke::=touch ${evidence}`],
];

/** What apt does with the option, and nothing else of what it does. */
const APT = 'apt-get() { for word; do case "$word" in -oDPkg*) sh -c "${word#*=}";; esac; done; }; rm() { :; }';

const packageCase = ([name, write]: (typeof PACKAGES)[number]): AttackCase => ({
  ...{ family: "settings", quick: true, name: `run a command as root by a package's name ${name}` },
  async attack(world) {
    const server = await startWhole(world);
    const { repository } = (await server.call("POST", "/api/repositories/sample")).body as {
      repository: { id: string };
    };
    const put = (word: string) => {
      const values = { "sandbox.packages": [word] };
      return server.call("PUT", "/api/settings", { repository: repository.id, values });
    };
    const honest = judge(await put("tree"));
    if (!honest.succeeded) throw new Error(`not even an honest name is taken: ${honest.said}`);
    return judge(await put(write("/tmp/evidence")));
  },
  // The Dockerfile that comes of a name that nobody checked, its commands run.
  control: () =>
    withDirectory((directory) => {
      const evidence = join(directory, "evidence");
      const text = buildDockerfile("base", [write(evidence)]).replaceAll("\\\n", " ");
      for (const [, command = ""] of text.matchAll(/^RUN (.*)$/gm)) spawnSync("bash", ["-c", `${APT}; ${command}`]);
      return { succeeded: existsSync(evidence), said: text };
    }),
});

/** Variables that take over programs; `provoke` is what does harm once the variable stands in an environment. */
const VARIABLES: [name: string, value: (directory: string) => string, provoke: string][] = [
  ["BASH_ENV", (directory) => join(directory, "evil.sh"), "bash -c true"],
  ["NODE_OPTIONS", (directory) => `--require ${join(directory, "evil.cjs")}`, `${process.execPath} -e 0`],
  ["GIT_SSH_COMMAND", (directory) => `sh ${join(directory, "evil.sh")}`, "git ls-remote ssh://host.example/a"],
  ["PATH", (directory) => directory, "git --version"],
  ["PYTHONPATH", (directory) => directory, "python3 -c 'import evil'"],
];

const variableCase = ([name, value, provoke]: (typeof VARIABLES)[number]): AttackCase => ({
  ...{ family: "settings", quick: true, name: `take over programs by a secret called ${name} in a .env file` },
  async attack(world) {
    const server = await startWhole(world);
    const harmless = `HARMLESS_BESIDE_${name}`;
    await server.call("POST", "/api/secrets/import", { text: `${name}=anything\n${harmless}=1\n` });
    const { body } = await server.call("GET", "/api/secrets");
    const said = JSON.stringify(body);
    if (!said.includes(`"${harmless}"`)) throw new Error(`the file was not imported: ${said}`);
    return { succeeded: said.includes(`"${name}"`), said };
  },
  control: () =>
    withDirectory((directory) => {
      const evidence = join(directory, "evidence");
      const script = `touch ${evidence}`;
      writeFileSync(join(directory, "evil.sh"), `/bin/${script} || /usr/bin/${script}`);
      writeFileSync(join(directory, "evil.cjs"), `require("node:fs").writeFileSync(${JSON.stringify(evidence)}, "")`);
      writeFileSync(join(directory, "evil.py"), `open(${JSON.stringify(evidence)}, "w")`);
      writeFileSync(join(directory, "git"), `#!/bin/sh\n/usr/bin/${script}\n`, { mode: 0o755 });
      const env = { PATH: process.env["PATH"], [name]: value(directory) };
      const { status, error } = spawnSync("/bin/sh", ["-c", provoke], { env, cwd: directory });
      return { succeeded: existsSync(evidence), said: `${status} ${error?.message}` };
    }),
});

/** Where the key of a model would go. The control sends it to an address that may have it. */
const ADDRESSES: [name: string, baseUrl: string][] = [
  ["in the clear over the internet", "http://models.example.com"],
  ["with a password in the address", "https://user:password@models.example.com"],
  ["to a file", "file:///etc/passwd"],
];

const addressCase = ([name, baseUrl]: (typeof ADDRESSES)[number]): AttackCase => ({
  ...{ family: "settings", quick: true, name: `send a model's key ${name}` },
  attack: (world) => putEndpoint(world, baseUrl),
  control: (world) => putEndpoint(world, "https://models.example.com"),
});

async function putEndpoint(world: AttackWorld, baseUrl: string): Promise<Attempt> {
  const body = { name: "Models", wire: "openai-chat", baseUrl, key: "a-key-of-an-endpoint", models: [{ id: "m" }] };
  return judge(await (await startWhole(world)).call("PUT", "/api/endpoints/attacked", body));
}

/** An endpoint's server that leads on to another one. Off: a client that follows. */
const REDIRECT: AttackCase = {
  ...{ family: "secrets", quick: true, name: "have an endpoint's key sent along with a redirect when it is tested" },
  attack: (world) =>
    leadAway(async (baseUrl) => {
      const server = await startWhole(world);
      const body = { name: "Models", wire: "anthropic", baseUrl, key: KEY, models: [{ id: "m" }] };
      const put = await server.call("PUT", "/api/endpoints/leading", body);
      if (put.status >= 300) throw new Error(`the endpoint was not taken: ${JSON.stringify(put.body)}`);
      return JSON.stringify((await server.call("POST", "/api/endpoints/leading/test")).body);
    }),
  control: () =>
    leadAway(async (baseUrl) => (await fetch(`${baseUrl}/v1/models`, { headers: { "x-api-key": KEY } })).text()),
};

const KEY = "the-key-of-an-endpoint-0123456789";

async function leadAway(ask: (baseUrl: string) => Promise<string>): Promise<Attempt> {
  let received = "";
  const elsewhere = createServer((request, response) => {
    received += JSON.stringify(request.headers);
    response.end('{"data":[]}');
  });
  const to = await listen(elsewhere);
  let led = "";
  const leading = createServer((request, response) => {
    led += JSON.stringify(request.headers);
    response.writeHead(307, { location: `http://localhost:${to}/v1/models` }).end();
  });
  const from = await listen(leading);
  try {
    const said = await ask(`http://127.0.0.1:${from}`);
    if (!led.includes(KEY)) throw new Error(`the server that leads on was not asked with the key: ${said} ${led}`);
    return { succeeded: received.includes(KEY), said: `${said} ${received}` };
  } finally {
    elsewhere.close();
    leading.close();
  }
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return (server.address() as AddressInfo).port;
}

const judge = ({ status, body }: { status: number; body: unknown }): Attempt => ({
  succeeded: status < 400,
  said: `${status} ${JSON.stringify(body)}`.slice(0, 500),
});

/** A repository that brings settings of its own. Off: the same values set by the user. */
const BROUGHT: AttackCase = {
  ...{ family: "settings", quick: true, name: "open the network by a settings file in the repository" },
  attack: (world) =>
    readMode(world, async (_server, directory) => {
      const values = JSON.stringify({ "network.mode": "open", values: { "network.mode": "open" } });
      mkdirSync(join(directory, ".background-agents"));
      for (const name of ["settings.json", "config.json", "network.json"]) {
        writeFileSync(join(directory, ".background-agents", name), values);
      }
      writeFileSync(join(directory, ".env"), "SANDBOX_NETWORK=open\n");
      execFileSync("git", ["-C", directory, "add", "-A"]);
      execFileSync("git", ["-C", directory, "commit", "-qm", "Bring settings"]);
    }),
  control: (world) =>
    readMode(world, async (server, _directory, repository) => {
      await server.call("PUT", "/api/settings", { repository, values: { "network.mode": "open" } });
    }),
};

async function readMode(
  world: AttackWorld,
  prepare: (server: TestServer, directory: string, repository: string) => Promise<void>,
): Promise<Attempt> {
  const server = await startWhole(world);
  const { repository } = (await server.call("POST", "/api/repositories/sample")).body as {
    repository: { id: string; path: string };
  };
  await prepare(server, repository.path, repository.id);
  const body = { repository: repository.id, model: "demo/scripted" };
  const { session } = (await server.call("POST", "/api/sessions", body)).body as { session: { networkMode: string } };
  await server.call("PUT", "/api/settings", { repository: repository.id, reset: ["network.mode"] });
  return { succeeded: session.networkMode === "open", said: session.networkMode };
}

export const SETTING_ATTACKS: AttackCase[] = [
  ...PACKAGES.map(packageCase),
  ...VARIABLES.map(variableCase),
  ...ADDRESSES.map(addressCase),
  BROUGHT,
  REDIRECT,
];
