import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { SessionEvent } from "@background-agents/shared/protocol/session-events";
import { pino } from "pino";
import { createApp } from "../../src/app.ts";
import { makeDirectories, readConfig } from "../../src/config.ts";
import { connectToAny, resolveHost } from "../../src/egress/tunnel-client.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { commitFiles, plainGit } from "../../src/repositories/testing/git-fixture.ts";
import { LABELS } from "../../src/sandboxes/container-profile.ts";
import { createDockerProvider } from "../../src/sandboxes/docker-provider.ts";
import { findHostCredentials, SANDBOX_USER } from "../../src/sandboxes/host-credentials.ts";
import { createProfileBook } from "../../src/sandboxes/profile-book.ts";
import { createVolumeOwners } from "../../src/sandboxes/volume-owners.ts";
import { removeOwned } from "../containers.ts";
import { ask } from "../../src/testing/http-client.ts";
import { CODE_HOST, makeCodeHost, makePackages } from "./made-packages.ts";
import { STAND_IN_HOSTS, startStandInRegistries } from "./stand-in-registries.ts";

/** Of a range that leads nowhere, which a name on the list may lead to. */
const STAND_IN_ADDRESS = "203.0.113.7";
const LOOK_EVERY_MS = 200;
const USUAL_REGISTRY = "https://registry.npmjs.org/";

export type LegitimateWorld = Awaited<ReturnType<typeof openLegitimateWorld>>;

/** What became of a turn in which the agent ran commands. */
export interface Done {
  /** Of each command, in their order. */
  commands: { exitsWell: boolean; output: string }[];
  /** Hosts that the sandbox was refused meanwhile. */
  blocked: string[];
}

/**
 * The real server, engine, supervisor and OpenCode, everything as it is by default. Names of registries that are stood
 * in for lead to a server of ours, whose authority the image trusts like a company's; all other names are the real ones.
 */
export async function openLegitimateWorld(deps: { image: string }) {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "bal-")));
  const instance = `work-${randomBytes(5).toString("hex")}`;
  const [dataDir, reposDir] = [join(root, "data"), join(root, "repos")];
  const { files, projects } = makePackages(root);
  const standIns = await startStandInRegistries({ directory: root, files, codeRoot: makeCodeHost(root) });
  const image = `background-agents-${instance}`;
  buildImage({ image, base: deps.image, authorityFile: standIns.authorityFile, directory: join(root, "image") });

  const variables = {
    PORT: "0",
    PREVIEW_PORT: "0",
    DATA_DIR: dataDir,
    REPOS_DIR: reposDir,
    DEMO_PACE_MS: "0",
    SANDBOX_IMAGE: image,
  };
  const config = readConfig(variables, root);
  makeDirectories(config);
  const log = pino({ level: "silent" });
  const provider = createDockerProvider({
    ...{ instance, dataDir, image, hub: "auto", log, clock: systemClock },
    owners: createVolumeOwners({ dataDir, defaultUser: SANDBOX_USER }),
    profiles: createProfileBook({ dataDir }),
    findCredentials: () => findHostCredentials({ home: root, uid: 0, gid: 0 }),
  });
  const app = await createApp({
    ...{ config, instance, clock: systemClock, log, provider },
    dialer: {
      resolve: async (host) => (STAND_IN_HOSTS.includes(host) ? [STAND_IN_ADDRESS] : resolveHost(host)),
      connect: (addresses, port, signal) =>
        addresses.includes(STAND_IN_ADDRESS)
          ? connectToAny(["127.0.0.1"], standIns.port, signal)
          : connectToAny(addresses, port, signal),
    },
  });
  const { port, token } = await app.listen();
  await app.recover();

  async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await fetch(`http://localhost:${port}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body !== undefined && { "content-type": "application/json" }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return JSON.parse(text) as T;
  }

  const listEvents = async (id: string): Promise<SessionEvent[]> =>
    (await call<{ events: SessionEvent[] }>("GET", `/api/sessions/${id}/events?limit=1000`)).events;

  /** A repository with all projects, in an image with these Debian packages; its session is made with the first command. */
  async function makeSession(packages: readonly string[]) {
    const path = join(reposDir, `project-${randomBytes(3).toString("hex")}`);
    mkdirSync(path, { recursive: true });
    plainGit(path, ["init", "-q", "-b", "main"]);
    const registry = execFileSync("npm", ["config", "get", "registry"], { encoding: "utf8", cwd: root }).trim();
    commitFiles(path, { ...projects, ...makeNpmProject(root, registry) });
    const { repositories } = await call<{ repositories: { id: string; path: string }[] }>("GET", "/api/repositories");
    const repository = repositories.find((one) => one.path === path)?.id;
    const own = registry === USUAL_REGISTRY ? [] : [new URL(registry).hostname];
    const values = { "sandbox.packages": packages, "network.hosts": [CODE_HOST, ...own] };
    await call("PUT", "/api/settings", { repository, values });
    let id: string | undefined;

    return {
      /** Has the agent run command lines, one after the other whatever becomes of each, in one call of its own tool. */
      async run(commands: readonly string[]): Promise<Done> {
        const before = id === undefined ? 0 : (await listEvents(id)).length;
        const line = commands
          .map((command, at) => `(${command}) 2>&1 && echo worked-${at}; echo ended-${at}`)
          .join("; ");
        const text = `[demo:no-commit]\n[demo:command ${line}]`;
        if (id === undefined) {
          const body = { repository: path, model: "demo/scripted", prompt: { text } };
          id = (await call<{ session: { id: string } }>("POST", "/api/sessions", body)).session.id;
        } else await call("POST", `/api/sessions/${id}/prompts`, { text });
        for (;;) {
          const events = (await listEvents(id)).slice(before);
          const end = events.find(({ type }) =>
            /^prompt\.(completed|failed|interrupted)$|^sandbox\.failed$/.test(type),
          );
          if (end) return readDone(events, commands);
          await pause(LOOK_EVERY_MS);
        }
      },

      /** What a browser gets by a preview of that port. */
      async look(port: number): Promise<string> {
        const { url } = await call<{ url: string }>("POST", `/api/sessions/${id}/previews`, { port });
        const { host, port: at } = new URL(url);
        return (await ask({ at: { port: Number(at) }, headers: { host } })).text;
      },
    };
  }

  const sessions = new Map<string, ReturnType<typeof makeSession>>();
  return {
    /** What the stand-ins were asked for since the beginning. */
    asked: standIns.asked,

    /** One session for each set of packages. */
    session(packages: readonly string[]): ReturnType<typeof makeSession> {
      const key = packages.join(" ");
      const made = sessions.get(key) ?? makeSession(packages);
      sessions.set(key, made);
      return made;
    },

    async close(): Promise<void> {
      await app.close();
      standIns.close();
      await removeOwned(instance);
      removeImages(instance);
      rmSync(root, { recursive: true, force: true });
    },
  };
}

function readDone(events: readonly SessionEvent[], commands: readonly string[]): Done {
  const part = events.findLast(
    (event) =>
      event.type === "part.settled" && String(event.data.tool?.input["command"]).startsWith(`(${commands[0]})`),
  );
  let rest = part?.type === "part.settled" ? (part.data.tool?.output ?? "") : JSON.stringify(events.slice(-3));
  return {
    commands: commands.map((_command, at) => {
      const end = rest.indexOf(`ended-${at}`);
      const output = end < 0 ? rest : rest.slice(0, end);
      rest = end < 0 ? rest : rest.slice(end);
      return { exitsWell: end >= 0 && output.includes(`worked-${at}\n`), output };
    }),
    blocked: events.flatMap((event) => (event.type === "egress.blocked" ? [event.data.host] : [])),
  };
}

/** With one real dependency, locked by the real registry of this machine, whichever that is. */
function makeNpmProject(root: string, registry: string): Record<string, string> {
  const directory = mkdtempSync(join(root, "npm-"));
  const manifest = {
    ...{ name: "project", version: "1.0.0", type: "module", scripts: { test: "node --test" } },
    dependencies: { "is-odd": "3.0.1" },
  };
  writeFileSync(join(directory, "package.json"), JSON.stringify(manifest));
  const lock = ["install", "--package-lock-only", "--no-audit", "--no-fund"];
  execFileSync("npm", lock, { cwd: directory, stdio: "pipe" });
  const lockFile = execFileSync("cat", ["package-lock.json"], { cwd: directory, encoding: "utf8" });
  return {
    "npm/package.json": JSON.stringify(manifest),
    "npm/package-lock.json": lockFile,
    ...(registry !== USUAL_REGISTRY && { "npm/.npmrc": `registry=${registry}\n` }),
    "npm/odd.test.js": [
      'import test from "node:test";',
      'import assert from "node:assert";',
      'import isOdd from "is-odd";',
      'test("a real dependency works", () => assert.equal(isOdd(7), true));',
      "",
    ].join("\n"),
  };
}

/** The product's image with one more authority, as Debian adds one. */
function buildImage(order: { image: string; base: string; authorityFile: string; directory: string }): void {
  const { image, base, authorityFile, directory } = order;
  mkdirSync(directory);
  copyFileSync(authorityFile, join(directory, "stand-in.crt"));
  const lines = [
    ...[`FROM ${base}`, "USER 0:0", "COPY stand-in.crt /usr/local/share/ca-certificates/stand-in.crt"],
    ...["RUN update-ca-certificates", "USER 10001:10001"],
  ];
  writeFileSync(join(directory, "Dockerfile"), lines.join("\n"));
  execFileSync("docker", ["build", "-q", "-t", image, directory], { stdio: "pipe" });
}

/** Those that the server derived, then the one they were derived from. */
function removeImages(instance: string): void {
  const filters = [`label=${LABELS.instance}=${instance}`, `reference=background-agents-${instance}`];
  for (const filter of filters) {
    const listed = execFileSync("docker", ["image", "ls", "-q", "--filter", filter], { encoding: "utf8" });
    const ids = [...new Set(listed.split("\n").filter(Boolean))];
    if (ids.length > 0) execFileSync("docker", ["image", "rm", "-f", ...ids], { stdio: "pipe" });
  }
}
