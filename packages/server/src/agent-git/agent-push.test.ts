import { Readable } from "node:stream";
import { newId } from "@background-agents/shared/ids";
import type { NewSessionEvent } from "@background-agents/shared/protocol/session-events";
import type { ChangedFile, Session } from "@background-agents/shared/sessions/session";
import { pino } from "pino";
import { beforeEach, expect, it } from "vitest";
import { AppError } from "../lib/app-error.ts";
import { createAgentPush, type AgentPushDeps } from "./agent-push.ts";

/** What goes wrong beside a push that the session may make by itself. */

const [base, last, commit] = ["0", "1", "2"].map((digit) => digit.repeat(40)) as [string, string, string];
const session = {
  ...({} as Session),
  ...{ id: newId("session"), branch: "agents/x", baseBranch: "main", baseCommit: base, agentPush: "auto", lastSeq: 1 },
  push: { remote: "origin", url: "ssh://there", branch: "agents/x", commit: last, at: "" },
} as Session;

let pushed: string[] = [];
let told: NewSessionEvent[] = [];
beforeEach(() => ([pushed, told] = [[], []]));

function push(changes: Partial<AgentPushDeps> = {}, release = () => Promise.resolve()) {
  const pushForAgent = createAgentPush({
    ...({} as AgentPushDeps),
    store: { find: () => ({ session }) } as never,
    events: { listOfTypes: () => [] } as never,
    recorder: { record: (_id, build) => void told.push(...build({ session, prompts: [] } as never)) as never },
    credentials: () => "broker",
    findRemote: () => Promise.resolve({ name: "origin", url: "ssh://there" }),
    holdPush: () => Promise.resolve({ gitDir: "/nowhere", keep: () => Promise.resolve(), release }),
    pushWork: (order) => Promise.resolve({ ...session.push, commit: void pushed.push(order.commit) } as never),
    listChanges: (_session, { from }) => Promise.resolve([changeSince(from)]),
    log: pino({ level: "silent" }),
    ...changes,
  });
  const request = { requestId: "request-1", commit, branch: "agents/x", body: Readable.from([]) };
  return pushForAgent(session.id, { ...request, gone: new AbortController().signal });
}

const changeSince = (from: string): ChangedFile => ({
  ...({} as ChangedFile),
  ...{ path: `since-${from.slice(0, 3)}/package.json`, status: "added", executedBy: "npm runs its scripts" },
});
const messages = () => told.map((event) => event.type === "notice.raised" && event.data.message);

it("lists from the base what tools execute where the last push is not there to compare with", async () => {
  expect(await push()).toMatchObject({ ok: true });
  expect(messages()).toEqual([expect.stringContaining("since-111/package.json")]);
  told = [];
  const listChanges: AgentPushDeps["listChanges"] = (_session, { from }) =>
    from === last
      ? Promise.reject(new AppError("checkpoint.not-found", "not there"))
      : Promise.resolve([changeSince(from)]);
  expect(await push({ listChanges })).toMatchObject({ ok: true });
  expect(messages()).toEqual([expect.stringContaining("since-000/package.json")]);
});

it("is done even where the user cannot be told, and where what was held cannot be removed", async () => {
  const listChanges = () => Promise.reject(new AppError("git.failed", "cannot be read"));
  expect(await push({ listChanges })).toMatchObject({ ok: true });
  const record = () => {
    throw new AppError("storage.failed", "the disk is full");
  };
  expect(await push({ recorder: { record } })).toMatchObject({ ok: true });
  expect(await push({}, () => Promise.reject(new Error("busy")))).toMatchObject({ ok: true });
  expect(pushed).toEqual([commit, commit, commit]);
});
