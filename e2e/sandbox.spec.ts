import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { createApi } from "./api.ts";
import { makeRepository } from "./git-repository.ts";
import { startSystem } from "./start-system.ts";

const CANARY = "sk-ant-canary-4f1d9c2e7b6a";

/** The boot's label is on nothing but sandboxes. */
const SANDBOXES = ["--filter", "label=background-agents.boot"];

interface Inspected {
  Config: { User: string; Env: string[]; Labels: Record<string, string> };
  HostConfig: Record<string, unknown>;
  Mounts: { Type: string; Destination: string; RW: boolean }[];
}

function inspect(instance: string): Inspected {
  const filter = `label=background-agents.instance=${instance}`;
  const id = execFileSync("docker", ["ps", "--quiet", "--filter", filter, ...SANDBOXES], { encoding: "utf8" }).trim();
  return (JSON.parse(execFileSync("docker", ["inspect", id], { encoding: "utf8" })) as [Inspected])[0];
}

const labelOf = (container: Inspected): string => container.Config.Labels["background-agents.instance"] ?? "";

/** Runs commands by the agent's own bash tool and answers what they printed. */
async function runInside(api: ReturnType<typeof createApi>, repository: string, command: string) {
  const { id } = await api.create({
    repository,
    model: "demo/scripted",
    prompt: { text: `[demo:command ${command}]` },
  });
  expect(await api.ended(id)).toEqual(["completed"]);
  const events = await api.events(id);
  const part = events.findLast(
    (event) =>
      event.type === "part.settled" && String(event.data.tool?.input["command"]).startsWith(command.slice(0, 20)),
  );
  if (part?.type !== "part.settled") throw new Error("the command did not run");
  return { id, events, output: part.data.tool?.output ?? "" };
}

/** Names and addresses that answer in any way: the relay's, the first of its network (the host's, elsewhere), Docker's. */
const FIND_HOSTS = `
const ports = { hub: process.env.BACKGROUND_AGENTS_HUB.split(':').at(-1) };
const own = Object.values(os.networkInterfaces()).flat().filter((one) => !one.internal && one.family === 'IPv4')[0];
const first = own ? [own.address.replace(/[0-9]+$/, '1')] : [];
const tries = ['hub', ...first, '172.17.0.1', 'host.docker.internal', '1.1.1.1'].map((host) => new Promise((resolve) => {
  const socket = net.connect({ host, port: Number(ports[host]) || PORT, timeout: 2000 });
  socket.on('connect', () => resolve(host)).on('timeout', () => resolve()).on('error', (error) => resolve(error.code === 'ECONNREFUSED' ? host : undefined));
}));
Promise.all(tries).then((found) => { console.log('hosts ' + found.filter(Boolean).join()); process.exit(); });`
  .trim()
  .replaceAll("\n", " ");

for (const hub of ["unix", "tcp"] as const) {
  test(`over ${hub}: the sandbox is shut, registries are reached, nothing else is, and no key is inside`, async () => {
    const system = await startSystem({ SANDBOX_HUB: hub, ANTHROPIC_API_KEY: CANARY, DEMO_PACE_MS: "0" });
    try {
      const api = createApi(system);
      const repository = makeRepository(system.reposDir, `shut-${hub}`);
      const command = [
        "npm view is-odd@3.0.1 version",
        "curl -sS -m 10 https://example.com",
        `curl -sS -m 5 --noproxy '*' http://127.0.0.1:${new URL(system.apiUrl).port}/api/health`,
        "node -e \"console.log('interfaces', Object.keys(os.networkInterfaces()).join())\"",
        `node -e "${FIND_HOSTS.replaceAll("PORT", new URL(system.apiUrl).port)}"`,
        "grep -E '^(CapEff|NoNewPrivs|Seccomp):' /proc/self/status",
        "id -u",
        "touch /usr/x 2>&1",
        "env",
        "cat /proc/*/environ | tr '\\0' '\\n'",
      ].join("; ");
      const { id, events, output } = await runInside(api, repository.path, command);

      expect(output).toContain("3.0.1");
      expect(output).toMatch(/CONNECT tunnel failed, response 403/);
      const { requestId } =
        (await api.session(id)).session.blockedHosts.find((card) => card.host === "example.com") ?? {};
      expect(events.findLast((event) => event.type === "egress.blocked")?.data).toMatchObject({ requestId, times: 1 });
      await api.call("POST", `/api/sessions/${id}/egress/${requestId}`, { allow: "session" });
      expect((await api.session(id)).session).toMatchObject({ blockedHosts: [], allowedHosts: ["example.com"] });
      expect(output).not.toContain('"sandboxImage"');
      expect(output).toMatch(/CapEff:\s+0000000000000000/);
      expect(output).toMatch(/NoNewPrivs:\s+1/);
      expect(output).toMatch(/Seccomp:\s+2/);
      expect(output).toContain("10001");
      expect(output).toContain("Read-only file system");
      expect(output).toContain("BACKGROUND_AGENTS_BOOT=");
      expect(output).not.toContain(CANARY);

      const instance = readFileSync(join(system.dataDir, "instance-id"), "utf8").trim();
      const container = inspect(instance);
      expect(labelOf(container)).toBe(instance);
      expect(JSON.stringify(container)).not.toContain(CANARY);
      expect(container.Config.User).toBe("10001:10001");
      expect(container.HostConfig).toMatchObject({
        ReadonlyRootfs: true,
        CapDrop: ["ALL"],
        Privileged: false,
        PidsLimit: 512,
      });
      // By a socket: no network at all. Else: one of its own, on which there is its relay and no address of the host.
      expect(output).toContain(hub === "unix" ? "interfaces lo\n" : "interfaces lo,eth0\n");
      expect(output.match(/hosts .*/)?.[0]).toBe(hub === "unix" ? "hosts " : "hosts hub");
      if (hub === "unix") expect(container.HostConfig["NetworkMode"]).toBe("none");
      expect(
        container.Mounts.map(({ Destination, Type, RW }) => `${Destination} ${Type} ${RW ? "rw" : "ro"}`).sort(),
      ).toEqual(["/mirror.git bind ro", "/run/hub bind ro", "/state volume rw", "/workspace volume rw"]);
    } finally {
      await system.stop();
    }
  });
}
