import { newId, type SessionId } from "@background-agents/shared/ids";
import { pino } from "pino";
import { afterEach, expect, it } from "vitest";
import { watchPullRequests } from "./watch-pull-requests.ts";

let watch: ReturnType<typeof watchPullRequests> | undefined;
afterEach(() => watch?.stop());

function start(ids: SessionId[], deps: { isWatched?: (id: SessionId) => boolean; problem?: () => string | null } = {}) {
  const looked: SessionId[] = [];
  const waiting: (() => void)[] = [];
  watch = watchPullRequests({
    listOpen: () => ids,
    isWatched: deps.isWatched ?? (() => true),
    look(id) {
      looked.push(id);
      waiting.shift()?.();
      return Promise.resolve(deps.problem?.() ?? null);
    },
    everyMs: 1_000_000,
    againMs: 1,
    log: pino({ level: "silent" }),
  });
  /** Resolves with the next look. */
  const nextLook = () => new Promise<void>((resolve) => waiting.push(resolve));
  return { watch, looked, nextLook };
}

const make = (count: number) => Array.from({ length: count }, () => newId("session"));

it("looks at those that someone watches, ten a round", async () => {
  const ids = make(30);
  const { watch: one, looked } = start(ids, { isWatched: (id) => ids.indexOf(id) % 2 === 0 });
  await one.round();
  expect(looked).toEqual(ids.filter((_id, index) => index % 2 === 0).slice(0, 10));
});

it("looks less and less often while it fails, and as often as before once it works", async () => {
  let problem: string | null = "gh is logged out";
  const { watch: one, looked } = start(make(3), { problem: () => problem });
  const at: number[] = [];
  for (let round = 0; round < 40; round += 1) {
    const before = looked.length;
    await one.round();
    if (looked.length > before) at.push(round);
  }
  // One session a try, then nothing for 1, 3, 7, 15, 15 … rounds.
  expect(at).toEqual([0, 2, 6, 14, 30]);
  expect(looked).toHaveLength(5);
  problem = null;
  for (let round = 0; round < 16; round += 1) await one.round();
  const before = looked.length;
  await one.round();
  await one.round();
  expect(looked.length - before).toBe(6);
});

it("looks at once at what was pushed to, watched or not, and again a little later", async () => {
  const [id, other] = [newId("session"), newId("session")];
  const { watch: one, looked, nextLook } = start([id], { isWatched: () => false, problem: () => "gh is logged out" });
  await one.lookNow(other);
  expect(looked).toEqual([]);
  const first = nextLook();
  const again = nextLook();
  void one.lookNow(id);
  await first;
  await again;
  expect(looked).toEqual([id, id]);
});

it("stops in the middle", async () => {
  const { watch: one, looked } = start(make(3));
  await one.stop();
  await one.round();
  expect(looked).toEqual([]);
});
