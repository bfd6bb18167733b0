import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSealer, type SealPlace } from "../../src/secrets/seal.ts";
import type { AttackCase, Attempt } from "../attack.ts";
import type { AttackWorld } from "../attack-world.ts";
import { findCanaries, reverse } from "../canaries.ts";
import { readEngineRecords, runInside } from "../containers.ts";
import { TOLD, type SandboxWorld } from "../sandbox-world.ts";

interface Search {
  name: string;
  /** Which canary; the provider's key without it. */
  of?: "userSecret";
  /** All that can be read there. */
  read(world: AttackWorld, sandboxes: SandboxWorld): Promise<string>;
  /** The same place with the key in it, as it would be without the guard. */
  readPlanted(world: AttackWorld, sandboxes: SandboxWorld): Promise<string>;
}

const inside = (script: string) => async (_world: AttackWorld, sandboxes: SandboxWorld) =>
  (await sandboxes.runAsAgent(script)).output;

/** In a container that was given the key as most products give it: in its environment. */
const insideWithKey = (script: string) => async (world: AttackWorld, sandboxes: SandboxWorld) =>
  (await runInside(await withKey(world, sandboxes), script)).output;

function withKey(world: AttackWorld, sandboxes: SandboxWorld): Promise<string> {
  return sandboxes.weakened({
    name: "with the key in its environment",
    weaken: (profile) => ({ ...profile, Env: [...profile.Env, `ANTHROPIC_API_KEY=${world.canaries.providerKey}`] }),
  });
}

const ENVIRONMENT = "env; cat /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n'";
const COMMAND_LINES = "cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' '\\n'";
const FILES =
  "grep -rahos 'canary-[a-z-]*-[0-9a-f]*' /workspace /state /run /etc /opt /tmp /mirror.git /home /root /var 2>/dev/null | head -n 50; echo searched";
const MEMORY = `python3 - <<'END'
import glob, os, re
own = f"/proc/{os.getpid()}/maps"
for maps in glob.glob("/proc/[0-9]*/maps"):
    if maps == own: continue
    try:
        memory = open(maps.replace("/maps", "/mem"), "rb", 0)
        for line in open(maps):
            if " rw-p " not in line: continue
            first, last = (int(part, 16) for part in line.split()[0].split("-"))
            if last - first > 2**28: continue
            try:
                memory.seek(first)
                for found in re.findall(rb"canary-provider-key-[0-9a-f]{24}", memory.read(last - first))[:3]: print(found.decode())
            except OSError: pass
    except OSError: pass
print("searched", maps)
END`;

/**
 * Has one process hold the key where no other has it, the shell that this is read by included: it is put together there.
 * Where the kernel lets only parents look into a process, this one lets all.
 */
function holdInMemory(key: string): string {
  const halves = [key.slice(0, key.length / 2), key.slice(key.length / 2)];
  const lines = [
    "import ctypes, time",
    "ctypes.CDLL(None).prctl(0x59616d61, ctypes.c_ulong(-1), 0, 0, 0)",
    `key = "".join(${JSON.stringify(halves)})`,
    'open("/tmp/held", "w").close()',
    "time.sleep(60)",
  ];
  return `python3 -c '${lines.join("\n")}' & until [ -e /tmp/held ]; do sleep 0.05; done`;
}

const SEARCHES: Search[] = [
  {
    name: "in the environment of every process in the sandbox",
    read: inside(ENVIRONMENT),
    readPlanted: insideWithKey(ENVIRONMENT),
  },
  {
    name: "in the command lines of every process in the sandbox",
    read: inside(COMMAND_LINES),
    readPlanted: (world, sandboxes) =>
      insideWithKey(`sh -c 'sleep 5' "$ANTHROPIC_API_KEY" & sleep 0.2; ${COMMAND_LINES}`)(world, sandboxes),
  },
  {
    name: "in the files of the sandbox",
    read: inside(FILES),
    readPlanted: insideWithKey(`echo "$ANTHROPIC_API_KEY" > /tmp/key; ${FILES}`),
  },
  {
    name: "in the memory of every process in the sandbox",
    read: inside(MEMORY),
    readPlanted: async (world, sandboxes) => {
      const container = await sandboxes.idle("key-in-memory", 512 * 2 ** 20);
      return (await runInside(container, `${holdInMemory(world.canaries.providerKey)}; ${MEMORY}`)).output;
    },
  },
  {
    name: "in what the engine tells of container and image",
    read: (_world, { attacker, image }) => readEngineRecords(attacker.container, image),
    readPlanted: async (world, sandboxes) => readEngineRecords(await withKey(world, sandboxes), sandboxes.image),
  },
  {
    name: "in the data directory",
    read: async (_world, { places }) => readAll(places.dataDir),
    readPlanted: async (world, { places }) => `${readAll(places.dataDir)}${world.canaries.providerKey}`,
  },
  {
    name: "in the server's log",
    read: async (_world, sandboxes) => sandboxes.log(),
    readPlanted: async (world, sandboxes) =>
      `${sandboxes.log()}${Buffer.from(`key=${world.canaries.providerKey}!`).toString("base64")}`,
  },
  {
    name: "in the transcript",
    read: (_world, sandboxes) => readTranscript(sandboxes),
    readPlanted: async (world, { call: callApi, attacker }) =>
      (await callApi("GET", `/api/sessions/${attacker.id}/events`)).text + reverse(world.canaries.providerKey),
  },
  {
    name: "in what the API tells of settings and models",
    read: async (_world, { call: callApi }) => {
      const paths = ["/api/settings", "/api/models", "/api/endpoints", "/api/health"];
      return (await Promise.all(paths.map(async (path) => (await callApi("GET", path)).text))).join("\n");
    },
    readPlanted: async (world) => JSON.stringify({ key: encodeURIComponent(world.canaries.providerKey) }),
  },
];

/** The agent has it and may print it; nowhere else may it be kept as it is. */
const USER_SECRET: Search[] = [
  {
    name: "in what the engine tells of container and image",
    of: "userSecret",
    read: (_world, { attacker, image }) => readEngineRecords(attacker.container, image),
    readPlanted: async (world, { attacker, image }) =>
      (await readEngineRecords(attacker.container, image)) + world.canaries.userSecret,
  },
  {
    name: "in the data directory",
    of: "userSecret",
    read: async (_world, { places }) => readAll(places.dataDir),
    readPlanted: async (world, { places }) => `${readAll(places.dataDir)}${reverse(world.canaries.userSecret)}`,
  },
  {
    name: "in the server's log",
    of: "userSecret",
    read: async (_world, sandboxes) => sandboxes.log(),
    readPlanted: async (world, sandboxes) => sandboxes.log() + JSON.stringify({ value: world.canaries.userSecret }),
  },
  {
    name: "in what the API tells of secrets",
    of: "userSecret",
    read: async (_world, { call: callApi }) => (await callApi("GET", "/api/secrets")).text,
    readPlanted: async (world) => JSON.stringify({ value: world.canaries.userSecret }),
  },
];

/** Off: something else that the same command printed, which nobody told the server to keep back. */
const PRINTED: AttackCase = {
  family: "secrets",
  name: "find the user's secret in the transcript after the agent printed it",
  quick: true,
  async attack(world) {
    const text = await readTranscript(await world.sandboxes());
    if (!text.includes(TOLD)) throw new Error("the agent did not have the secret");
    return judge(text, world.canaries.userSecret);
  },
  control: async (world) => judge(await readTranscript(await world.sandboxes()), TOLD),
};

async function readTranscript({ call: callApi, attacker }: SandboxWorld): Promise<string> {
  return (await callApi("GET", `/api/sessions/${attacker.id}/events?limit=1000`)).text;
}

const searchCase = ({ name, of, read, readPlanted }: Search): AttackCase => {
  const judgeIn = (world: AttackWorld, text: string): Attempt => judge(text, world.canaries[of ?? "providerKey"]);
  return {
    family: "secrets",
    name: `find ${of === undefined ? "the provider's key" : "the user's secret"} ${name}`,
    quick: true,
    attack: async (world) => judgeIn(world, await read(world, await world.sandboxes())),
    control: async (world) => judgeIn(world, await readPlanted(world, await world.sandboxes())),
  };
};

function judge(text: string, value: string): Attempt {
  if (text.length === 0) throw new Error("nothing was read");
  const found = findCanaries(text, [value]);
  return { succeeded: found.length > 0, said: found.join(" ") };
}

/** Every file's bytes, one after the other; sockets and what went away meanwhile left out. */
function readAll(directory: string): string {
  return readdirSync(directory, { recursive: true, encoding: "utf8" })
    .map((name) => join(directory, name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile())
    .map((path) => readFileSync(path, "latin1"))
    .join("\n");
}

interface Theft {
  name: string;
  place: SealPlace;
  spoil(sealed: Buffer): Buffer;
  key: "own" | "another";
}

const PLACE: SealPlace = ["secret", "repository-1", "TOKEN"];

const THEFTS: Theft[] = [
  {
    name: "moved to another repository",
    place: ["secret", "repository-2", "TOKEN"],
    spoil: (sealed) => sealed,
    key: "own",
  },
  { name: "under another name", place: ["secret", "repository-1", "OTHER"], spoil: (sealed) => sealed, key: "own" },
  {
    name: "with one bit turned",
    place: PLACE,
    spoil: (sealed) => Buffer.from(sealed.map((byte, at) => (at === sealed.length - 1 ? byte ^ 1 : byte))),
    key: "own",
  },
  { name: "with another machine's key", place: PLACE, spoil: (sealed) => sealed, key: "another" },
];

/** Controls take the value as it is, in its own place and with its own key: then it opens. */
const theftCase = ({ name, place, spoil, key }: Theft): AttackCase => ({
  family: "secrets",
  name: `open a sealed secret ${name}`,
  quick: true,
  attack: async () => openSealed({ place, spoil, key }),
  control: async () => openSealed({ place: PLACE, spoil: (sealed) => sealed, key: "own" }),
});

function openSealed({ place, spoil, key }: Omit<Theft, "name">): Attempt {
  const directories = [0, 1].map(() => mkdtempSync(join(tmpdir(), "baa-seal-")));
  try {
    const [own, another] = directories.map((dataDir) => createSealer({ dataDir }));
    another?.seal("so that it has a key", PLACE);
    const value = `value of ${place.join("/")}`;
    const sealed = own?.seal(value, PLACE) ?? Buffer.alloc(0);
    const opened = (key === "own" ? own : another)?.open(spoil(sealed), place);
    return { succeeded: opened === value, said: opened ?? "it does not open" };
  } finally {
    for (const directory of directories) rmSync(directory, { recursive: true, force: true });
  }
}

export const SECRET_ATTACKS: AttackCase[] = [
  ...[...SEARCHES, ...USER_SECRET].map(searchCase),
  PRINTED,
  ...THEFTS.map(theftCase),
];
