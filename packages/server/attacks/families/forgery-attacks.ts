import { newId } from "@background-agents/shared/ids";
import type { ReportBody } from "@background-agents/shared/protocol/supervisor-frames";
import type { FakeTurn } from "../../src/testing/fake-supervisor.ts";
import { makeRepository, startTestServer, type TestServer } from "../../src/testing/test-server.ts";
import { attempt, type AttackCase, type Attempt } from "../attack.ts";

/** A supervisor that was taken over speaks as another session. Off: the same words from the one whose turn it is. */

interface Stage {
  server: TestServer;
  /** The turn that is attacked; it is under way. */
  victim: FakeTurn;
  /** Another session's, under way too. */
  attacker: FakeTurn;
  /** The victim's transcript. */
  read(): Promise<string>;
}

interface Forgery {
  name: string;
  /** Says it in `by`'s name, of the victim's turn. */
  act(by: FakeTurn, victim: FakeTurn): Promise<unknown>;
  /** Stands in the victim's transcript where it was taken. */
  mark: string;
}

const idsOf = ({ deliver }: FakeTurn) => ({ promptId: deliver.promptId, turnId: deliver.turnId });
const report = (by: FakeTurn, body: ReportBody): Promise<void> => by.supervisor.report(body);

const FORGERIES: Forgery[] = [
  {
    name: "end another session's turn",
    act: (by, victim) => report(by, { kind: "turn.ended", ...idsOf(victim), outcome: "completed", durationMs: 1 }),
    mark: '"prompt.completed"',
  },
  {
    name: "bring work into another session's turn",
    async act(by, victim) {
      const { promptId, turnId } = idsOf(victim);
      // Its own commit, announced as that turn's.
      await by.checkpoint("forged.txt", "forged");
      const commit = by.git("rev-parse", "HEAD");
      const query = new URLSearchParams({ turn: turnId, prompt: promptId, commit });
      return by.supervisor.put(`/bundle/${newId("checkpoint")}?${query.toString()}`, Buffer.alloc(0));
    },
    mark: '"checkpoint.created"',
  },
];

async function setStage(): Promise<Stage> {
  const turns = new Map<string, (turn: FakeTurn) => void>();
  const server = await startTestServer({
    async onTurn(turn) {
      await report(turn, { kind: "turn.started", ...idsOf(turn), messageId: "msg_1" });
      turns.get(turn.deliver.text)?.(turn);
    },
  });
  const repository = makeRepository(server.reposDir, "example");
  const start = async (text: string): Promise<{ id: string; turn: FakeTurn }> => {
    const started = new Promise<FakeTurn>((resolve) => turns.set(text, resolve));
    const body = { repository, model: "demo/scripted", prompt: { text } };
    const created = (await server.call("POST", "/api/sessions", body)).body as { session: { id: string } };
    return { id: created.session.id, turn: await started };
  };
  const victim = await start("victim");
  const attacker = await start("attacker");
  return {
    server,
    victim: victim.turn,
    attacker: attacker.turn,
    read: async () => JSON.stringify((await server.call("GET", `/api/sessions/${victim.id}/events`)).body),
  };
}

async function play({ act, mark }: Forgery, who: "attacker" | "victim"): Promise<Attempt> {
  const stage = await setStage();
  try {
    const { said } = await attempt(() => act(stage[who], stage.victim));
    const transcript = await stage.read();
    return { succeeded: transcript.includes(mark), said: `${said} ${transcript.slice(-500)}` };
  } finally {
    await stage.server.close();
  }
}

export const FORGERY_ATTACKS: AttackCase[] = FORGERIES.map((forgery) => ({
  family: "hub",
  name: forgery.name,
  quick: true,
  attack: () => play(forgery, "attacker"),
  control: () => play(forgery, "victim"),
}));
