import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";

const ROOT = resolve(import.meta.dirname, "..");

/**
 * Starts the built API and page (`npm start`) on free ports with empty data and repository directories, and answers
 * where they are. `lines` is what they print; `stop` ends them and removes every container, volume and network of the instance, and its files.
 * `env` adds or replaces settings. Throws with the last lines of the output where it does not come up.
 */
export async function startSystem(env: Record<string, string> = {}) {
  // Short: the path of a Unix socket below it must fit into 104 bytes.
  const directory = mkdtempSync(join(tmpdir(), "ba-e2e-"));
  const dataDir = join(directory, "data");
  const reposDir = join(directory, "repos");
  mkdirSync(reposDir);
  const [port = 0, webPort = 0, previewPort = 0] = await findFreePorts(3);
  const logDir = join(ROOT, ".cache", "tests");
  mkdirSync(logDir, { recursive: true });
  const log = createWriteStream(join(logDir, `e2e-system-${port}.log`));

  const child = spawn(process.execPath, ["scripts/processes/start.mjs"], {
    cwd: ROOT,
    env: {
      ...process.env,
      DATA_DIR: dataDir,
      REPOS_DIR: reposDir,
      PORT: String(port),
      WEB_PORT: String(webPort),
      PREVIEW_PORT: String(previewPort),
      ...env,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exited = once(child, "exit");

  async function stop(): Promise<void> {
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM");
    await exited;
    removeSandboxes(dataDir);
    rmSync(directory, { recursive: true, force: true });
    log.end();
  }

  const lines: string[] = [];
  const ready = new Promise<string>((resolveReady, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on("line", (line) => {
        log.write(`${line}\n`);
        lines.push(line);
        const url = /is ready: (http\S+)/.exec(line)?.[1];
        if (url !== undefined) resolveReady(url);
      });
    }
    void exited.then(() => reject(new Error(`The system did not start:\n${lines.slice(-30).join("\n")}`)));
  });
  try {
    const url = await ready;
    const token = readFileSync(join(dataDir, "api-token"), "utf8").trim();
    return { url, apiUrl: `http://localhost:${port}`, token, dataDir, reposDir, pid: child.pid, lines, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Only what carries this instance's label. */
function removeSandboxes(dataDir: string): void {
  const file = join(dataDir, "instance-id");
  if (!existsSync(file)) return;
  const filter = ["--filter", `label=background-agents.instance=${readFileSync(file, "utf8").trim()}`];
  const kinds = [
    { list: ["ps", "--all", "--quiet"], remove: ["rm", "--force", "--volumes"] },
    { list: ["volume", "ls", "--quiet"], remove: ["volume", "rm", "--force"] },
    { list: ["network", "ls", "--quiet"], remove: ["network", "rm"] },
  ];
  for (const { list, remove } of kinds) {
    const ids = execFileSync("docker", [...list, ...filter], { encoding: "utf8" })
      .split("\n")
      .filter(Boolean);
    if (ids.length > 0) execFileSync("docker", [...remove, ...ids]);
  }
}

/** Ports that are free now, held all at once so that they differ. */
async function findFreePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(async (server) => {
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      const address = server.address();
      if (address === null || typeof address === "string") throw new Error("A listening server has no port.");
      return address.port;
    }),
  );
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
}
