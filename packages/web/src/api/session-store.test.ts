// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it } from "vitest";
import { type FakeApi, startFakeApi } from "../testing/fake-api.ts";
import { useAccess } from "./access-store.ts";
import { createSessionStore, type LiveSession, type SessionStore } from "./session-store.ts";

let api: FakeApi;
let store: SessionStore;
let disconnect: () => void;

beforeEach(async () => {
  api = await startFakeApi();
  document.head.innerHTML = `<meta name="api-url" content="${api.url}">`;
  useAccess.setState({ token: api.token, access: "granted" });
  store = createSessionStore(api.session.id);
  disconnect = store.connect();
});

afterEach(async () => {
  disconnect();
  await api.close();
});

async function until(holds: (state: LiveSession) => boolean): Promise<LiveSession> {
  if (holds(store.getState())) return store.getState();
  return new Promise((resolve) => {
    const stop = store.subscribe((state) => {
      if (!holds(state)) return;
      stop();
      resolve(state);
    });
  });
}

const ended = (state: LiveSession) => state.events.some(({ type }) => type === "branch.published");

it("follows a turn from its prompt to its branch", async () => {
  await until(({ snapshotSeq }) => snapshotSeq !== null);
  await api.play();
  const state = await until(ended);
  expect(state.events.map(({ seq }) => seq)).toEqual(state.events.map((_, at) => at + 1));
  expect(state.openParts).toEqual({});
});

it("comes back after a drop with every event once", async () => {
  await until(({ snapshotSeq }) => snapshotSeq !== null);
  const played = api.play();
  api.dropConnections();
  await until(({ connection }) => connection === "reconnecting");
  await played;
  const state = await until(ended);
  expect(state.events.map(({ seq }) => seq)).toEqual(state.events.map((_, at) => at + 1));
});

it("shows a prompt at once, and takes it back where the server refuses it", async () => {
  await until(({ session }) => session !== null);
  const sent = store.send("do it");
  expect(store.getState().unconfirmed).toMatchObject([{ text: "do it" }]);
  await sent;
  useAccess.setState({ token: "another" });
  await expect(store.send("do more")).rejects.toMatchObject({ code: "access.token-wrong" });
  expect(store.getState().unconfirmed.map(({ text }) => text)).toEqual(["do it"]);
  expect(useAccess.getState().access).toBe("refused");
});

const sentAs = ({ events }: LiveSession, text: string) =>
  events.filter((event) => event.type === "prompt.queued" && event.data.text === text);

it("sends a prompt whose answer got lost as the same prompt, until that has had its turn", async () => {
  await until(({ session }) => session !== null);
  api.loseNextAnswer();
  await expect(store.send("do it")).rejects.toMatchObject({ code: "api.unreachable" });
  expect(store.getState().unconfirmed).toEqual([]);
  await store.send("do it");
  await until(ended);
  expect(sentAs(store.getState(), "do it")).toHaveLength(1);

  api.loseNextAnswer();
  await expect(store.send("once more")).rejects.toMatchObject({ code: "api.unreachable" });
  const over = (state: LiveSession) => state.events.filter(({ type }) => type === "prompt.completed").length === 2;
  await until(over);
  await store.send("once more");
  await until((state) => sentAs(state, "once more").length === 2);
});

it("sends another prompt after one whose answer got lost", async () => {
  await until(({ session }) => session !== null);
  api.loseNextAnswer();
  await expect(store.send("do it")).rejects.toMatchObject({ code: "api.unreachable" });
  await store.send("do it well");
  await store.send("do it");
  const state = await until((one) => sentAs(one, "do it").length === 2);
  expect(sentAs(state, "do it well")).toHaveLength(1);
});
