import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { once } from "node:events";
import { newId } from "@background-agents/shared/ids";
import { CATALOGUE } from "@background-agents/shared/models/catalogue-data";
import { buildOpencodeProviders, OPENCODE_PROVIDER_IDS } from "@background-agents/shared/models/opencode-providers";
import type { SandboxSpec } from "@background-agents/shared/protocol/supervisor-frames";

/** The pinned OpenCode that `scripts/setup/ensure-opencode.sh` puts there. */
export function pinnedOpenCode(): { binary: string; version: string } {
  const root = new URL("../../../../", import.meta.url);
  const dockerfile = readFileSync(new URL("packages/sandbox/Dockerfile", root), "utf8");
  const version = /^ARG OPENCODE_VERSION=(.+)$/m.exec(dockerfile)?.[1];
  if (!version) throw new Error("packages/sandbox/Dockerfile names no OPENCODE_VERSION");
  return { version, binary: new URL(`.cache/opencode/${version}/opencode`, root).pathname };
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

export const git = (cwd: string, ...args: string[]): string =>
  execFileSync("git", ["-c", "user.name=U", "-c", "user.email=u@example.org", ...args], {
    cwd,
    encoding: "utf8",
  }).trim();

/** OpenCode's configuration as the server builds it, in the parts that matter to a test. */
export function opencodeConfig(llmRelayPort: number): Record<string, unknown> {
  return {
    permission: { "*": "allow", question: "allow" },
    share: "disabled",
    autoupdate: false,
    snapshot: false,
    enabled_providers: OPENCODE_PROVIDER_IDS,
    small_model: "demo/scripted",
    provider: buildOpencodeProviders(CATALOGUE, llmRelayPort),
  };
}

/** A temp directory with a bare mirror of a small repository, and a spec for a session on it. */
export async function makeSandboxFixture() {
  const root = mkdtempSync(join(tmpdir(), "sandbox-"));
  const source = join(root, "source");
  mkdirSync(source);
  git(source, "init", "-q", "-b", "main");
  writeFileSync(join(source, "README.md"), "# Sample\n\nA small repository.\n");
  writeFileSync(join(source, ".gitignore"), "ignored/\n");
  git(source, "add", "-A");
  git(source, "commit", "-q", "-m", "First");
  const mirror = join(root, "mirror.git");
  git(root, "clone", "-q", "--bare", source, mirror);
  const paths = { workspace: join(root, "workspace"), state: join(root, "state"), mirror };
  mkdirSync(paths.workspace);
  mkdirSync(paths.state);
  const llmRelayPort = await freePort();
  const spec: SandboxSpec = {
    sessionId: newId("session"),
    title: "A test",
    directory: "sample",
    baseBranch: "main",
    baseCommit: git(source, "rev-parse", "HEAD"),
    branch: "agents/a-test-abc123",
    identity: { name: "Ada", email: "ada@example.org" },
    opencodeConfig: opencodeConfig(llmRelayPort),
    llmRelayPort,
    egressRelayPort: await freePort(),
    limits: { checkpointBytes: 512 * 2 ** 20, openOutputBytes: 32_768, settledOutputBytes: 65_536 },
  };
  return {
    root,
    paths,
    spec,
    tree: join(paths.workspace, spec.directory),
    remove: () => rmSync(root, { recursive: true, force: true, maxRetries: 5 }),
  };
}

export type SandboxFixture = Awaited<ReturnType<typeof makeSandboxFixture>>;
