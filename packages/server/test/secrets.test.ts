import { createHash } from "node:crypto";
import { readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { SecretSummary } from "@background-agents/shared/secrets/secret";
import type { Job } from "@background-agents/shared/jobs/job";
import type { Session } from "@background-agents/shared/sessions/session";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { FakeTurn } from "../src/testing/fake-supervisor.ts";
import { makeRepository, startTestServer, type TestServer, type Watcher } from "../src/testing/test-server.ts";

const VALUE = "canary/7f3a-91c4+zz";
const OUTPUT = `TOKEN=${VALUE}\n${Buffer.from(VALUE).toString("base64")} ${encodeURIComponent(VALUE)}`;

let server: TestServer;
let onTurn: (turn: FakeTurn) => Promise<void>;
let turns: Promise<void>[];
beforeEach(async () => {
  turns = [];
  onTurn = async () => undefined;
  server = await startTestServer({
    onTurn: (turn) => {
      const run = onTurn(turn);
      turns.push(run);
      return run;
    },
  });
});
afterEach(async () => {
  await Promise.all(turns);
  await server.close();
});

async function addRepository(name: string): Promise<string> {
  const { body } = await server.call("POST", "/api/repositories", { path: makeRepository(server.reposDir, name) });
  return (body as { repository: { id: string } }).repository.id;
}

const put = (name: string, body: object, repository?: string) =>
  server.call("PUT", `/api/secrets/${name}${repository ? `?repository=${repository}` : ""}`, body);

async function list(repository?: string): Promise<SecretSummary[]> {
  const { body } = await server.call("GET", `/api/secrets${repository ? `?repository=${repository}` : ""}`);
  return (body as { secrets: SecretSummary[] }).secrets;
}

/** Starts a session on the repository; answers what its agent's processes are given, and the session's log. */
async function startSession(
  repository: string,
): Promise<{ watcher: Watcher; env: Record<string, string>; id: string }> {
  const given = new Promise<Record<string, string>>((resolve, reject) => {
    const before = onTurn;
    onTurn = async (turn) => {
      const { status, body } = await turn.supervisor.get("/secrets");
      if (status !== 200) reject(new Error(`the hub answered ${status}`));
      resolve((JSON.parse(body.toString()) as { env: Record<string, string> }).env);
      await before(turn);
    };
  });
  const prompt = { text: "go" };
  const { body } = await server.call("POST", "/api/sessions", { repository, model: "demo/scripted", prompt });
  const { session } = body as { session: Session };
  const watcher = await server.watch(session.id, 0);
  return { watcher, env: await given, id: session.id };
}

/** Every byte that the server keeps, but for the user's repositories. */
function readAllKept(directory = server.dataDir): Buffer {
  const files = readdirSync(directory, { recursive: true, encoding: "utf8" }).map((name) => join(directory, name));
  return Buffer.concat(files.filter((file) => statSync(file).isFile()).map((file) => readFileSync(file)));
}

describe("keeping secrets", () => {
  it("sets, replaces and removes them without ever giving a value back", async () => {
    expect((await put("NPM_TOKEN", { value: VALUE })).status).toBe(200);
    const answer = await put("NPM_TOKEN", { value: `${VALUE}2`, audience: "setup" });
    expect(JSON.stringify(answer.body)).not.toContain(VALUE);
    expect(await list()).toMatchObject([{ name: "NPM_TOKEN", repository: null, audience: "setup", readable: true }]);
    expect(readAllKept().includes(VALUE)).toBe(false);

    expect((await server.call("DELETE", "/api/secrets/NPM_TOKEN")).body).toEqual({ secrets: [] });
    expect((await server.call("DELETE", "/api/secrets/NPM_TOKEN")).status).toBe(404);
  });

  it.each([
    ["a name that decides what shells do", { name: "BASH_ENV", value: "x" }, /reserved/],
    ["npm's configuration", { name: "NPM_CONFIG_REGISTRY", value: "x" }, /reserved/],
    ["a proxy", { name: "https_proxy", value: "x" }, /reserved/],
    ["a name that is none", { name: "1ST", value: "x" }, /look like a variable/],
    ["an empty value", { name: "A", value: "" }, /./],
    ["a zero byte", { name: "A", value: "a\0b" }, /zero byte/],
    ["over 16 kB", { name: "A", value: "ä".repeat(8193) }, /16386 bytes/],
    ["no value at first", { name: "A", audience: "agent" }, /give it a value/],
  ])("refuses %s", async (_what, { name, ...body }, message) => {
    const answer = await put(name, body);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(JSON.stringify(answer.body)).toMatch(message);
    expect(await list()).toEqual([]);
  });

  it("keeps 50 in a scope at most", async () => {
    const text = Array.from({ length: 52 }, (_, at) => `S${at}=value${at}`).join("\n");
    const { body } = await server.call("POST", "/api/secrets/import", { text });
    const { found, stored } = body as { found: { action: string; reason: string | null }[]; stored: number };
    expect(stored).toBe(50);
    expect(found.slice(50)).toMatchObject([{ action: "refuse" }, { action: "refuse" }]);
    expect(await put("ONE_MORE", { value: "x" })).toMatchObject({ status: 409 });
    expect(await put("S0", { value: "another" })).toMatchObject({ status: 200 });
  });

  it("shows what it would take of a .env file, and takes what was chosen", async () => {
    await put("KNOWN", { value: "before" });
    const text = `KNOWN=after\nexport NEW="two\nlines"\nPATH=/evil\nEMPTY=\nnot an assignment\n`;
    const preview = await server.call("POST", "/api/secrets/import", { text, preview: true });
    expect(preview.body).toEqual({
      found: [
        { name: "KNOWN", length: 5, action: "replace", reason: null },
        { name: "NEW", length: 9, action: "add", reason: null },
        { name: "PATH", length: 5, action: "refuse", reason: expect.stringContaining("reserved") as string },
        { name: "EMPTY", length: 0, action: "refuse", reason: expect.stringContaining("no value") as string },
      ],
      unreadLines: [6],
      stored: 0,
    });
    expect((await list()).map(({ name }) => name)).toEqual(["KNOWN"]);

    const names = ["NEW", "PATH"];
    expect((await server.call("POST", "/api/secrets/import", { text, names })).body).toMatchObject({ stored: 1 });
    expect((await list()).map(({ name }) => name)).toEqual(["KNOWN", "NEW"]);
  });

  it("says which it cannot read with the key at hand, and starts without them", async () => {
    const repository = await addRepository("one");
    await put("LOST", { value: VALUE });
    rmSync(join(server.dataDir, "secret.key"));
    server = await server.restart();
    await put("FOUND", { value: "another-value" });
    expect(await list()).toMatchObject([
      { name: "FOUND", readable: true },
      { name: "LOST", readable: false },
    ]);
    const { env, watcher } = await startSession(repository);
    expect(env).toEqual({ FOUND: "another-value" });
    const notice = await watcher.waitForEvent("notice.raised");
    expect(notice.data).toMatchObject({
      code: "secret.unreadable",
      message: expect.stringContaining("LOST") as string,
    });
  });
});

describe("giving secrets to a sandbox", () => {
  it("gives a session its repository's and the global ones that are for it, and names them", async () => {
    const [one, two] = [await addRepository("one"), await addRepository("two")];
    await put("EVERYWHERE", { value: "for-all" });
    await put("ONLY_TWO", { value: "for-two", repositories: [two] });
    await put("SHARED", { value: "global" });
    await put("SHARED", { value: "own" }, one);
    expect(await put("OWN", { value: "x", repositories: [two] }, one)).toMatchObject({ status: 400 });
    expect(await put("OTHER", { value: "x", repositories: ["rep_01arz3ndektsv4rrffq69g5fav"] })).toMatchObject({
      status: 404,
    });

    let supervisor: FakeTurn["supervisor"] | undefined;
    onTurn = async (turn) => void (supervisor = turn.supervisor);
    const { env, watcher, id } = await startSession(one);
    expect(env).toEqual({ EVERYWHERE: "for-all", SHARED: "own" });
    expect(supervisor?.spec.hasSecrets).toBe(true);
    expect(JSON.stringify(supervisor?.spec)).not.toContain("for-all");

    await supervisor?.report({ kind: "secrets.given", names: ["EVERYWHERE", "SHARED"] });
    await supervisor?.report({ kind: "secrets.given", names: ["EVERYWHERE", "SHARED"] });
    await supervisor?.report({ kind: "notice", level: "info", code: "test", message: "the last one" });
    await watcher.waitForEvent("notice.raised");
    expect(watcher.events.filter(({ type }) => type === "secrets.given")).toHaveLength(1);
    const { body } = await server.call("GET", `/api/sessions/${id}`);
    expect((body as { session: Session }).session.secretNames).toEqual(["EVERYWHERE", "SHARED"]);
    expect((await startSession(two)).env).toEqual({ EVERYWHERE: "for-all", ONLY_TWO: "for-two", SHARED: "global" });
  });
});

/** A turn that commits the files one after the other and ends. */
async function commitAndEnd({ supervisor, deliver, checkpoint }: FakeTurn, files: [string, string][]): Promise<void> {
  const ids = { promptId: deliver.promptId, turnId: deliver.turnId };
  await supervisor.report({ kind: "turn.started", ...ids, messageId: "msg_1" });
  let checkpointId = "";
  for (const [path, content] of files) checkpointId = await checkpoint(path, content);
  const ended = { checkpointId: checkpointId as never, outcome: "completed" as const, durationMs: 1 };
  await supervisor.report({ kind: "turn.ended", ...ids, ...ended });
}

describe("stopping work that holds a secret", () => {
  it.each<[string, [string, string][], string]>([
    ["in a file", [["src.ts", `one\ntwo\nconst token = "${VALUE}";\n`]], "src.ts, line 3"],
    ["encoded", [["src.ts", `${Buffer.from(`x${VALUE}`).toString("base64")}\n`]], "src.ts, line 1"],
    [
      "in a commit that a later one mended",
      [
        ["src.ts", VALUE],
        ["src.ts", "clean\n"],
      ],
      "src.ts, line 1",
    ],
  ])("keeps the branch back where a value is %s, with the place", async (_how, files, place) => {
    const repository = await addRepository("one");
    await put("TOKEN", { value: VALUE }, repository);
    onTurn = (turn) => commitAndEnd(turn, files);
    const { watcher, id } = await startSession(repository);
    const conflict = await watcher.waitForEvent("branch.conflicted");
    expect(conflict.data).toMatchObject({
      ...{ obstacle: "secret", reason: expect.stringContaining(`TOKEN (${place})`) as string },
    });
    const { body } = await server.call("GET", `/api/sessions/${id}`);
    expect((body as { session: Session }).session).toMatchObject({ attention: "needs-you", publishObstacle: "secret" });

    await server.call("POST", `/api/sessions/${id}/publish`, {});
    const failed = await watcher.waitForEvent("job.failed");
    expect(failed.data).toMatchObject({ error: { code: "work.contains-secret" } });
    const squash = await server.call("POST", `/api/sessions/${id}/apply`, { how: "squash" });
    const { job } = squash.body as { job: Job };
    const frame = await watcher.waitFor((f) => f.type === "job" && f.job.id === job.id && f.job.status !== "running");
    const outcome =
      files.length > 1
        ? { status: "succeeded", error: null }
        : { status: "failed", error: { code: "work.contains-secret" } };
    expect(frame).toMatchObject({ job: outcome });
    expect(watcher.events.some(({ type }) => type === "branch.published")).toBe(false);
  });

  it("lets work through that holds none, or what the base held already", async () => {
    const repository = await addRepository("one");
    await put("TITLE", { value: "# Example" });
    onTurn = (turn) => commitAndEnd(turn, [["README.md", "# Example\n\nMore.\n"]]);
    const { watcher } = await startSession(repository);
    expect((await watcher.waitForEvent("branch.published")).type).toBe("branch.published");
  });
});

describe("keeping secrets out of what is stored and shown", () => {
  it("takes them out of all that an agent says, however it says it", async () => {
    const repository = await addRepository("one");
    await put("TOKEN", { value: VALUE }, repository);
    onTurn = async ({ supervisor, deliver, checkpoint }) => {
      const ids = { promptId: deliver.promptId, turnId: deliver.turnId };
      await supervisor.report({ kind: "turn.started", ...ids, messageId: "msg_1" });
      const part = { partId: "p1", kind: "text" as const, index: 0, text: "", rev: 0 };
      supervisor.send({ type: "part", promptId: deliver.promptId, part });
      for (const [offset, text] of OUTPUT.split("").entries()) {
        supervisor.send({ type: "delta", promptId: deliver.promptId, partId: "p1", offset, text });
      }
      supervisor.send({ type: "log", phase: "agent", text: OUTPUT });
      const hash = createHash("sha256").update(OUTPUT).digest("hex");
      await supervisor.put(`/blob/${hash}`, Buffer.from(OUTPUT));
      const checkpointId = await checkpoint("made.txt", "made");
      await supervisor.put(`/conversation/${checkpointId}`, Buffer.from(JSON.stringify({ text: OUTPUT })));
      const tool = {
        ...{ name: "bash", title: `echo ${VALUE}`, status: "completed" as const, durationMs: 1 },
        ...{ input: { command: `echo ${VALUE}` }, output: OUTPUT, outputBlob: hash, error: OUTPUT, patch: `+${VALUE}` },
      };
      await supervisor.report({ kind: "part.settled", ...ids, part: { ...part, text: OUTPUT, tool } });
      await supervisor.report({ kind: "todo.updated", ...ids, todos: [{ content: VALUE, status: "pending" }] });
      const options = [{ label: VALUE, description: VALUE }];
      const questions = [{ question: VALUE, header: VALUE, options }];
      await supervisor.report({ kind: "question.asked", ...ids, questionId: "q1", questions });
      const asked = { permissionId: "a1", permission: "bash", patterns: [OUTPUT] };
      await supervisor.report({ kind: "permission.asked", ...ids, ...asked });
      const ended = { outcome: "failed" as const, exitCode: 1, durationMs: 1, logTail: OUTPUT };
      await supervisor.report({ kind: "setup.started", source: "file" });
      await supervisor.report({ kind: "setup.ended", ...ended });
      await supervisor.report({ kind: "notice", level: "error", code: "test", message: OUTPUT });
      const error = { code: "agent.failed", message: OUTPUT };
      await supervisor.report({
        kind: "turn.ended",
        ...ids,
        outcome: "failed",
        error,
        saveError: OUTPUT,
        durationMs: 1,
      });
    };
    const { watcher, env, id } = await startSession(repository);
    expect(env["TOKEN"]).toBe(VALUE);
    await watcher.waitForEvent("prompt.failed");
    const { body: blob } = await server.call("GET", `/api/blobs/${createHash("sha256").update(OUTPUT).digest("hex")}`);
    const { body: session } = await server.call("GET", `/api/sessions/${id}`);
    const seen = [JSON.stringify(watcher.frames), String(blob), JSON.stringify(session)].join("\n");
    const deltas = watcher.frames.flatMap((frame) => (frame.type === "delta" ? [frame.text] : []));
    expect(deltas.join("")).toBe("TOKEN=[secret TOKEN]\n[secret TOKEN] [secret TOKEN]");
    expect(String(blob)).toContain("[secret TOKEN]");
    for (const shape of [VALUE, Buffer.from(VALUE).toString("base64"), encodeURIComponent(VALUE)]) {
      expect(seen).not.toContain(shape);
      expect(readAllKept().includes(shape)).toBe(false);
    }
  });

  it("still knows a value that was replaced while a sandbox has it", async () => {
    const repository = await addRepository("one");
    await put("TOKEN", { value: VALUE });
    onTurn = async ({ supervisor }) => {
      await put("TOKEN", { value: "a-new-value" });
      await supervisor.report({ kind: "notice", level: "info", code: "test", message: `${VALUE} a-new-value` });
    };
    const { watcher } = await startSession(repository);
    const notice = await watcher.waitForEvent("notice.raised");
    expect(notice.data).toMatchObject({ message: "[secret TOKEN] [secret TOKEN]" });
  });
});
