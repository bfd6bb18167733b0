import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import Docker from "dockerode";
import { LABELS, type ContainerProfile } from "../src/sandboxes/container-profile.ts";
import { InspectedContainer, type ExpectedContainer } from "../src/sandboxes/assert-sandbox.ts";

const docker = new Docker();

/** The host's own address on the engine's default network: where a container with a network could reach it. */
export async function findBridgeAddress(): Promise<string> {
  const { IPAM } = (await docker.getNetwork("bridge").inspect()) as { IPAM: { Config: { Gateway?: string }[] } };
  const gateway = IPAM.Config.find((one) => one.Gateway)?.Gateway;
  if (!gateway) throw new Error("the engine's default network has no gateway");
  return gateway;
}

export interface Ran {
  exitCode: number;
  output: string;
}

/** Runs a program to its end with everything it prints; never throws for what it answers. */
export function runProgram(program: string, args: string[], input = ""): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"] });
    const chunks: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => void chunks.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => void chunks.push(chunk));
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
    child.once("error", reject);
    child.once("close", (code) =>
      resolve({
        exitCode: code ?? -1,
        output: Buffer.concat(chunks)
          .toString("latin1")
          .slice(0, 4 * 1024 * 1024),
      }),
    );
  });
}

/**
 * What an agent with a shell does: the same user, the same limits. Rejects where the script did not begin: a container
 * that is gone or an engine that refuses says nothing of what the script would have come to.
 */
export async function runInside(container: string, script: string): Promise<Ran> {
  const began = `began-${randomBytes(12).toString("hex")}\n`;
  const ran = await runProgram("docker", ["exec", "-i", container, "sh", "-s"], `echo ${began}${script}`);
  if (!ran.output.includes(began)) throw new Error(`the script did not begin in ${container}: ${ran.output}`);
  return { ...ran, output: ran.output.replace(began, "") };
}

/** Makes a container of the profile that does nothing by itself; answers its id. */
export async function makeIdle(profile: ContainerProfile): Promise<string> {
  const idle = { ...profile, Entrypoint: ["sleep", "infinity"] };
  return (await docker.createContainer(idle)).id;
}

export async function startContainer(id: string): Promise<void> {
  await docker.getContainer(id).start();
}

export async function inspectContainer(id: string): Promise<InspectedContainer> {
  return InspectedContainer.parse(await docker.getContainer(id).inspect());
}

/** Its address on the engine's default network; empty where it is on none. */
export async function addressOf(id: string): Promise<string> {
  const { NetworkSettings } = await docker.getContainer(id).inspect();
  return NetworkSettings.Networks["bridge"]?.IPAddress ?? "";
}

/** Its address on the first network that it has one on. */
export async function anyAddressOf(id: string): Promise<string> {
  const { NetworkSettings } = await docker.getContainer(id).inspect();
  return Object.values(NetworkSettings.Networks).find(({ IPAddress }) => IPAddress)?.IPAddress ?? "";
}

export async function describeImage(image: string): Promise<ExpectedContainer["image"]> {
  const { Id: id, Config } = await docker.getImage(image).inspect();
  return { id, env: Config.Env ?? [], entrypoint: ["sleep", "infinity"], cmd: Config.Cmd ?? null };
}

/** Everything the engine would tell of a container or an image, and what the container printed. */
export async function readEngineRecords(container: string, image: string): Promise<string> {
  const [inspected, history, built] = await Promise.all([
    docker.getContainer(container).inspect(),
    docker.getImage(image).history() as Promise<unknown>,
    docker.getImage(image).inspect(),
  ]);
  const { output } = await runProgram("docker", ["logs", container]);
  return JSON.stringify([inspected, history, built]) + output;
}

/** Removes every container, volume and network of the instance. */
export async function removeOwned(instance: string): Promise<void> {
  const filters = { label: [`${LABELS.instance}=${instance}`] };
  for (const { Id } of await docker.listContainers({ all: true, filters })) {
    await docker.getContainer(Id).remove({ force: true });
  }
  // Also those that the engine made for an idle container, without a label.
  const { Volumes } = await docker.listVolumes();
  for (const { Name } of Volumes) if (Name.includes(instance)) await docker.getVolume(Name).remove({ force: true });
  for (const { Id } of await docker.listNetworks({ filters })) await docker.getNetwork(Id).remove();
}
