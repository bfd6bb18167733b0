import { z } from "zod";
import { AppError } from "../lib/app-error.ts";

const Command = z.array(z.string()).nullable();

/** What a container may be: the profile that was built for its boot, and what its image adds to it. */
export const ExpectedContainer = z.object({
  profile: z.looseObject({
    User: z.string(),
    Env: z.array(z.string()),
    Labels: z.record(z.string(), z.string()),
    HostConfig: z.looseObject({
      NetworkMode: z.string(),
      Mounts: z.array(
        z.looseObject({ Type: z.string(), Source: z.string(), Target: z.string(), ReadOnly: z.boolean().optional() }),
      ),
    }),
  }),
  image: z.object({ id: z.string(), env: z.array(z.string()), entrypoint: Command, cmd: Command }),
});
export type ExpectedContainer = z.infer<typeof ExpectedContainer>;

const Fields = z.record(z.string(), z.unknown());

/** The part of the engine's description that says what a container may do; values are compared, never trusted. */
export const InspectedContainer = z.object({
  Image: z.string(),
  AppArmorProfile: z.string().nullish(),
  Config: Fields,
  HostConfig: Fields,
  Mounts: z.array(Fields),
  NetworkSettings: Fields,
});
export type InspectedContainer = z.infer<typeof InspectedContainer>;

/** Looked at one by one, or without effect. */
const APART = new Set(["ConsoleSize", "MaskedPaths", "ReadonlyPaths", "Mounts", "RestartPolicy"]);

/** Hidden from a container by every engine, unless somebody asked it not to. */
const MASKED = ["/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/timer_list", "/proc/scsi", "/sys/firmware"];
const READ_ONLY = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];

/** Docker Desktop's virtual machine sees the host's directories below this one. */
const DESKTOP_PREFIX = "/host_mnt";

/**
 * Throws `sandbox.unsafe`, with what differs, where a container is not in every respect what was built for its boot.
 * Nothing is left out by name: a field of the engine's `HostConfig` that the profile does not set must have no effect.
 */
export function assertSandbox(inspected: InspectedContainer, expected: ExpectedContainer): void {
  const differences = findSandboxDifferences(inspected, expected);
  if (differences.length > 0) throw unsafeSandbox(differences);
}

export function unsafeSandbox(differences: string[]): AppError {
  return new AppError("sandbox.unsafe", describeUnsafe(differences), { details: { differences } });
}

/** Says it to the user. */
export function describeUnsafe(differences: string[]): string {
  return (
    `The container was not what was built for this session, and was removed: ${differences.join("; ")}. ` +
    "Something outside of Background Agents changed it, or this engine makes containers otherwise. " +
    "The workspace is kept: send the prompt again for a new container."
  );
}

/** Pure: what differs, one line each; empty where nothing does. */
export function findSandboxDifferences(inspected: InspectedContainer, expected: ExpectedContainer): string[] {
  return [
    ...compareHostConfig(inspected.HostConfig, expected),
    ...compareConfig(inspected, expected),
    ...compareMounts(inspected, expected),
    ...compareNetworks(inspected.NetworkSettings, expected),
    ...comparePaths(inspected.HostConfig),
  ];
}

function compareHostConfig(is: Record<string, unknown>, { profile }: ExpectedContainer): string[] {
  const wanted: Record<string, unknown> = profile.HostConfig;
  const names = new Set([...Object.keys(is), ...Object.keys(wanted)]);
  const differences = [...names]
    .filter((name) => !APART.has(name))
    .flatMap((name) => compare(`HostConfig.${name}`, is[name], wanted[name]));
  const { Name } = (is["RestartPolicy"] ?? {}) as { Name?: unknown };
  return [...differences, ...compare("HostConfig.RestartPolicy", Name === "no" ? "" : Name, "")];
}

function compareConfig(inspected: InspectedContainer, { profile, image }: ExpectedContainer): string[] {
  const { Config: is, AppArmorProfile } = inspected;
  const ours = new Set(profile.Env.map(nameOf));
  const env = [...profile.Env, ...image.env.filter((line) => !ours.has(nameOf(line)))].sort();
  const labels = (is["Labels"] ?? {}) as Record<string, unknown>;
  return [
    ...compare("Image", inspected.Image, image.id),
    ...compare("Config.User", is["User"], profile.User),
    // Names only: a value would end up in the session's record.
    ...(same(sorted(is["Env"]), env) ? [] : [`Config.Env has ${describeEnv(is["Env"], env)}`]),
    ...compare("Config.Entrypoint", is["Entrypoint"], image.entrypoint),
    ...compare("Config.Cmd", is["Cmd"], image.cmd),
    ...compare("Config.Volumes", is["Volumes"], null),
    ...Object.entries(profile.Labels).flatMap(([name, value]) => compare(`Config.Labels.${name}`, labels[name], value)),
    ...(AppArmorProfile === "unconfined" ? ['AppArmorProfile is "unconfined"'] : []),
  ];
}

/** What was asked for and what is mounted: either may be where something was slipped in. */
function compareMounts({ HostConfig, Mounts }: InspectedContainer, { profile }: ExpectedContainer): string[] {
  const wanted = profile.HostConfig.Mounts;
  const differences: string[] = [];
  const asked = (HostConfig["Mounts"] ?? []) as Record<string, unknown>[];
  for (const mount of asked) {
    const allowed = wanted.find(({ Target }) => Target === mount["Target"]);
    if (!same(mount, allowed))
      differences.push(`HostConfig.Mounts has ${String(mount["Source"])} at ${String(mount["Target"])}`);
  }
  const seen = new Set<string>();
  for (const mount of Mounts) {
    const target = String(mount["Destination"]);
    const source = String(mount["Type"] === "volume" ? mount["Name"] : mount["Source"]);
    const allowed = wanted.find(({ Target }) => Target === target);
    const fits =
      allowed !== undefined &&
      mount["Type"] === allowed.Type &&
      [allowed.Source, DESKTOP_PREFIX + allowed.Source].includes(source) &&
      mount["RW"] === (allowed.ReadOnly !== true) &&
      !seen.has(target);
    seen.add(target);
    if (!fits) differences.push(`Mounts has ${source} at ${target}${mount["RW"] === true ? ", writable" : ""}`);
  }
  for (const { Target } of wanted) if (!seen.has(Target)) differences.push(`Mounts has nothing at ${Target}`);
  return differences;
}

function compareNetworks(is: Record<string, unknown>, { profile }: ExpectedContainer): string[] {
  const attached = Object.keys(is["Networks"] ?? {});
  const ports = Object.values(is["Ports"] ?? {}).filter((bindings) => !isNeutral(bindings));
  return [
    ...(same(attached, [profile.HostConfig.NetworkMode])
      ? []
      : [`it is on the networks ${attached.join(", ") || "(none at all)"}, not on ${profile.HostConfig.NetworkMode}`]),
    ...(ports.length === 0 ? [] : ["it publishes ports"]),
  ];
}

function comparePaths(is: Record<string, unknown>): string[] {
  const missing = (name: string, least: string[]): string[] => {
    const there = Array.isArray(is[name]) ? (is[name] as unknown[]) : [];
    return least.filter((path) => !there.includes(path)).map((path) => `HostConfig.${name} lacks ${path}`);
  };
  return [...missing("MaskedPaths", MASKED), ...missing("ReadonlyPaths", READ_ONLY)];
}

function compare(field: string, is: unknown, wanted: unknown): string[] {
  return same(is, wanted) ? [] : [`${field} is ${shorten(is)}, not ${shorten(wanted)}`];
}

const shorten = (value: unknown): string => (JSON.stringify(value) ?? "absent").slice(0, 200);
const nameOf = (line: string): string => line.slice(0, line.indexOf("="));
const sorted = (value: unknown): unknown => (Array.isArray(value) ? value.map(String).sort() : value);

function describeEnv(is: unknown, wanted: string[]): string {
  const lines = Array.isArray(is) ? is.map(String) : [];
  const added = lines.filter((line) => !wanted.includes(line)).map((line) => `another ${nameOf(line)}`);
  const missing = wanted.filter((line) => !lines.includes(line)).map((line) => `no ${nameOf(line)} of ours`);
  return [...new Set([...added, ...missing])].join(", ") || "a name twice";
}

/** Engines write "nothing" in many ways. */
function isNeutral(value: unknown): boolean {
  if (value === null || value === undefined || value === "" || value === 0 || value === false) return true;
  if (Array.isArray(value)) return value.every(isNeutral);
  return typeof value === "object" && Object.keys(value).length === 0;
}

function same(left: unknown, right: unknown): boolean {
  if (isNeutral(left) || isNeutral(right)) return isNeutral(left) && isNeutral(right);
  if (Array.isArray(left) || Array.isArray(right)) {
    if (!Array.isArray(left) || !Array.isArray(right) || left.length !== right.length) return false;
    return left.every((value, place) => same(value, right[place]));
  }
  if (typeof left !== "object" || typeof right !== "object") return left === right;
  const [a, b] = [left as Record<string, unknown>, right as Record<string, unknown>];
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((name) => same(a[name], b[name]));
}
