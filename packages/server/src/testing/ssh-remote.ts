import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";

/** A host name that leads to the test's SSH server when `SshRemote.env` is used. */
export const SSH_HOST = "git.example.test";

export interface SshRemote {
  port: number;
  /** What git needs to reach the server: `GIT_SSH_COMMAND` with the test's own key and known hosts. */
  env: Record<string, string>;
  /** The same with a key that the server does not know. */
  wrongKeyEnv: Record<string, string>;
  /** The same without the server's host key among the known ones. */
  unknownHostEnv: Record<string, string>;
  /** `~/.ssh` of a user who may log in: `config`, `id_ed25519`, `known_hosts`, all 0600. */
  sshDir: string;
  /** Makes an empty bare repository of that name (`owner/name`); gives its path and its address over SSH. */
  makeBare(name: string, host?: string): { path: string; url: string };
  /** Commands that were run over SSH so far. */
  commands(): string[];
  stop(): Promise<void>;
}

/**
 * A real OpenSSH server on loopback for the user that runs the tests, with keys of its own, and bare repositories behind
 * it. Nothing of the user's own SSH set-up is read or changed. Needs `scripts/setup/ensure-sshd.sh` to have worked.
 */
export async function startSshRemote(): Promise<SshRemote> {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), "ba-ssh-")));
  const sshDir = join(directory, "dot-ssh");
  mkdirSync(sshDir, { mode: 0o700 });
  const keyAt = (path: string): string => {
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", path]);
    return readFileSync(`${path}.pub`, "utf8").trim();
  };
  const hostKey = keyAt(join(directory, "host_key"));
  const userKey = keyAt(join(sshDir, "id_ed25519"));
  keyAt(join(directory, "wrong_key"));
  writeFileSync(join(directory, "authorized_keys"), `${userKey}\n`, { mode: 0o600 });
  const commandLog = join(directory, "commands.log");
  const wrapper = join(directory, "run-command");
  // As on a forge, the address names owner and repository, not a place on the server's disk.
  writeFileSync(
    wrapper,
    [
      "#!/bin/sh",
      `printf '%s\\n' "$SSH_ORIGINAL_COMMAND" >> '${commandLog}'`,
      `exec sh -c "$(printf '%s' "$SSH_ORIGINAL_COMMAND" | sed "s|'/|'${directory}/|")"`,
      "",
    ].join("\n"),
  );
  chmodSync(wrapper, 0o755);

  const { port, server } = await startServer(directory, wrapper);
  const write = (name: string, content: string): string => {
    const path = join(sshDir, name);
    writeFileSync(path, content, { mode: 0o600 });
    return path;
  };
  // Any host name leads to the server, whose key is known under one alias.
  const knownHosts = write("known_hosts", `test-server ${hostKey}\n`);
  const configOf = (identity: string, hosts: string) =>
    [
      "Host *",
      `  HostName 127.0.0.1`,
      `  Port ${port}`,
      `  User ${userInfo().username}`,
      `  HostKeyAlias test-server`,
      `  IdentityFile ${identity}`,
      `  IdentitiesOnly yes`,
      `  IdentityAgent none`,
      `  UserKnownHostsFile ${hosts}`,
      `  GlobalKnownHostsFile /dev/null`,
      `  StrictHostKeyChecking ask`,
      "",
    ].join("\n");
  const envOf = (config: string) => ({ GIT_SSH_COMMAND: `ssh -F ${config}` });
  const config = write("config", configOf(join(sshDir, "id_ed25519"), knownHosts));
  const wrongKey = join(directory, "wrong_key.config");
  writeFileSync(wrongKey, configOf(join(directory, "wrong_key"), knownHosts), { mode: 0o600 });
  const unknownHost = join(directory, "unknown_host.config");
  writeFileSync(unknownHost, configOf(join(sshDir, "id_ed25519"), "/dev/null"), { mode: 0o600 });

  return {
    port,
    env: envOf(config),
    wrongKeyEnv: envOf(wrongKey),
    unknownHostEnv: envOf(unknownHost),
    sshDir,
    makeBare(name, host = SSH_HOST) {
      const path = join(directory, `${name}.git`);
      rmSync(path, { recursive: true, force: true });
      mkdirSync(path, { recursive: true });
      execFileSync("git", ["init", "--quiet", "--bare", "-b", "main", path]);
      return { path, url: `ssh://${host}/${name}.git` };
    },
    commands: () => (existsSync(commandLog) ? readFileSync(commandLog, "utf8").split("\n").filter(Boolean) : []),
    async stop() {
      const ended = new Promise((resolve) => server.once("exit", resolve));
      if (server.exitCode === null && server.signalCode === null) {
        server.kill("SIGTERM");
        await ended;
      }
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function startServer(directory: string, wrapper: string): Promise<{ port: number; server: ChildProcess }> {
  const sshd = ["/usr/sbin/sshd", "/usr/local/sbin/sshd", "/usr/bin/sshd"].find((path) => existsSync(path));
  if (sshd === undefined) throw new Error("There is no sshd: run scripts/setup/ensure-sshd.sh.");
  let last = "";
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const port = await findFreePort();
    const config = join(directory, "sshd_config");
    writeFileSync(
      config,
      [
        `ListenAddress 127.0.0.1:${port}`,
        `HostKey ${join(directory, "host_key")}`,
        `AuthorizedKeysFile ${join(directory, "authorized_keys")}`,
        `ForceCommand ${wrapper}`,
        "PidFile none",
        "UsePAM no",
        "StrictModes no",
        "PasswordAuthentication no",
        "KbdInteractiveAuthentication no",
        "PermitRootLogin prohibit-password",
        "X11Forwarding no",
        "MaxStartups 100",
        "",
      ].join("\n"),
    );
    const server = spawn(sshd, ["-D", "-e", "-f", config], { stdio: ["ignore", "ignore", "pipe"] });
    const listens = await new Promise<boolean>((resolve) => {
      let text = "";
      server.stderr.on("data", (chunk: Buffer) => {
        text = (text + chunk.toString()).slice(-4000);
        last = text;
        if (text.includes("Server listening on")) resolve(true);
      });
      server.once("exit", () => resolve(false));
      server.once("error", () => resolve(false));
    });
    if (listens) return { port, server };
  }
  throw new Error(`sshd did not start:\n${last}`);
}

async function findFreePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
