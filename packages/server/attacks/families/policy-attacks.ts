import { setTimeout as pause } from "node:timers/promises";
import { closeProxies, startProxy, tunnel } from "../../src/egress/testing/proxy-fixture.ts";
import type { AttackCase, Attempt } from "../attack.ts";
import { setPolicyStage, type PolicyStage } from "../policy-stage.ts";

/** What one answer of the user opens must open nothing else. Controls ask for exactly what was answered. */

/** A stage of its own for each attempt: turns that never end take the places of running sandboxes. */
async function onStage(act: (stage: PolicyStage) => Promise<Attempt>): Promise<Attempt> {
  const stage = await setPolicyStage();
  try {
    return await act(stage);
  } finally {
    await stage.close();
  }
}

const judge = ({ status }: { status: number }): Attempt => ({ succeeded: status < 300, said: String(status) });

interface Overreach {
  name: string;
  attack(stage: PolicyStage): Promise<Attempt>;
  control(stage: PolicyStage): Promise<Attempt>;
}

const OVERREACHES: Overreach[] = [
  {
    name: "reach a host that the user allowed for another session",
    async attack(stage) {
      const [own, other] = [await stage.start("one", "own 1"), await stage.start("one", "other 1")];
      await stage.allow(other.id, "a.example.com", "session");
      return judge(await stage.dial(own.id, "a.example.com:443"));
    },
    async control(stage) {
      const own = await stage.start("one", "own 2");
      await stage.allow(own.id, "a.example.com", "session");
      return judge(await stage.dial(own.id, "a.example.com:443"));
    },
  },
  {
    name: "reach a host that the user allowed for another repository",
    async attack(stage) {
      const [own, other] = [await stage.start("two", "own 3"), await stage.start("three", "other 3")];
      await stage.allow(other.id, "b.example.com", "repository");
      return judge(await stage.dial(own.id, "b.example.com:443"));
    },
    async control(stage) {
      const [own, other] = [await stage.start("three", "own 4"), await stage.start("three", "other 4")];
      await stage.allow(other.id, "b.example.com", "repository");
      return judge(await stage.dial(own.id, "b.example.com:443"));
    },
  },
  {
    name: "reach, in the next turn, a host that the user allowed once",
    async attack(stage) {
      const { id } = await stage.start("one", "own 5");
      await stage.allow(id, "c.example.com", "once");
      await stage.goOn(id, "own 5", "own 5, next");
      return judge(await stage.dial(id, "c.example.com:443"));
    },
    async control(stage) {
      const { id } = await stage.start("one", "own 6");
      await stage.allow(id, "c.example.com", "once");
      return judge(await stage.dial(id, "c.example.com:443"));
    },
  },
  {
    name: "reach a name below the one that the user allowed",
    async attack(stage) {
      const { id } = await stage.start("one", "own 7");
      await stage.allow(id, "d.example.com", "session");
      return judge(await stage.dial(id, "data.d.example.com:443"));
    },
    async control(stage) {
      const { id } = await stage.start("one", "own 8");
      await stage.allow(id, "d.example.com", "session");
      return judge(await stage.dial(id, "d.example.com:443"));
    },
  },
  {
    name: "keep a tunnel to a host that the user took back",
    attack: (stage) => keepTunnel(stage, "own 9", true),
    control: (stage) => keepTunnel(stage, "own 10", false),
  },
  {
    name: "reach this machine's network by a name that the user allowed",
    attack: (stage) => reachAllowed(stage, "own 11", "inside.example.com"),
    control: (stage) => reachAllowed(stage, "own 12", "f.example.com"),
  },
  {
    name: "have the user allow an address by its card",
    attack: async (stage) =>
      judge({ status: await stage.allow((await stage.start("one", "own 13")).id, "127.0.0.1", "session") }),
    control: async (stage) =>
      judge({ status: await stage.allow((await stage.start("one", "own 14")).id, "g.example.com", "session") }),
  },
  {
    name: "answer the card of another session",
    attack: async (stage) =>
      judge({
        status: await answerFor(stage, await stage.start("one", "own 15"), await stage.start("one", "other 15")),
      }),
    async control(stage) {
      const own = await stage.start("one", "own 16");
      return judge({ status: await answerFor(stage, own, own) });
    },
  },
  {
    name: "reach anything after the session was deleted",
    attack: (stage) => reachRegistry(stage, "own 17", true),
    control: (stage) => reachRegistry(stage, "own 18", false),
  },
];

async function keepTunnel(stage: PolicyStage, prompt: string, takesBack: boolean): Promise<Attempt> {
  const { id } = await stage.start("one", prompt);
  await stage.allow(id, "e.example.com", "session");
  const { status, closed } = await stage.dial(id, "e.example.com:443");
  if (takesBack) await stage.server.call("PUT", `/api/sessions/${id}/allowed-hosts`, { hosts: [] });
  const said = await Promise.race([closed, pause(takesBack ? 5_000 : 500, "still open")]);
  return { succeeded: status === 200 && said === "still open", said };
}

async function reachAllowed(stage: PolicyStage, prompt: string, host: string): Promise<Attempt> {
  const { id } = await stage.start("one", prompt);
  await stage.allow(id, host, "session");
  return judge(await stage.dial(id, `${host}:443`));
}

async function answerFor(stage: PolicyStage, asking: { id: string }, answered: { id: string }): Promise<number> {
  await stage.dial(asking.id, "h.example.com:443");
  const card = (await stage.read(asking.id)).blockedHosts.find(({ host }) => host === "h.example.com");
  const path = `/api/sessions/${answered.id}/egress/${card?.requestId ?? "none"}`;
  return (await stage.server.call("POST", path, { allow: "session" })).status;
}

async function reachRegistry(stage: PolicyStage, prompt: string, deletes: boolean): Promise<Attempt> {
  const { id } = await stage.start("one", prompt);
  const { status, closed } = await stage.dial(id, "registry.npmjs.org:443");
  if (deletes) await stage.server.call("DELETE", `/api/sessions/${id}`);
  const said = await Promise.race([closed, pause(deletes ? 5_000 : 500, "still open")]);
  return { succeeded: status === 200 && said === "still open", said };
}

const FLOOD = 300;

/** A card for each name that an agent makes up would bury the one that matters. Off: the minute is over at each. */
const CARDS: AttackCase = {
  ...{ family: "load", quick: true, name: "three hundred cards of blocked hosts" },
  attack: () => floodCards(0),
  control: () => floodCards(120_000),
};

async function floodCards(stepMs: number): Promise<Attempt> {
  let nowMs = Date.now();
  const proxy = await startProxy({ clock: { now: () => new Date((nowMs += stepMs)) } });
  try {
    for (let at = 0; at < FLOOD; at += 1) await (await tunnel(proxy.port, `made-up-${at}.example:443`)).ended;
    return { succeeded: proxy.blocked.length >= FLOOD, said: `${proxy.blocked.length} cards` };
  } finally {
    closeProxies();
  }
}

export const POLICY_ATTACKS: AttackCase[] = [
  ...OVERREACHES.map(({ name, attack, control }): AttackCase => ({
    ...{ family: "egress", quick: true, name },
    attack: () => onStage(attack),
    control: () => onStage(control),
  })),
  CARDS,
];
