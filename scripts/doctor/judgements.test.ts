import { expect, test } from "vitest";
import { judgeDatabase } from "./check-database.mjs";
import { judgeSpace } from "./check-disk.mjs";
import { judgeConfinement, judgeEngine } from "./check-engine.mjs";
import { isAtWork } from "./check-orphans.mjs";
import { judgePort } from "./check-ports.mjs";
import { judgeKeys } from "./check-settings.mjs";
import { judgeGit, judgeNode } from "./check-tools.mjs";
import { findOrphans } from "./find-orphans.mjs";
import { bad, formatFinding, ok, summarize, warn } from "./finding.mjs";
import { isAtLeast } from "./versions.mjs";

const answer = (code: number, stdout: string, stderr = "") => ({ code, stdout, stderr });

test.each([
  ["2.39.5", "2.32", true],
  ["2.4.1", "2.32", false],
  ["2.32", "2.32.0", true],
  ["3.0", "2.32", true],
  ["git version 2.39.5 (Apple Git-154)", "2.32", true],
  ["20.10.24+dfsg1", "20.10", true],
  ["20.18.3", "20.19", false],
  ["no number", "1.0", undefined],
])("version %j against %s: %j", (text, minimum, expected) => {
  expect(isAtLeast(text, minimum)).toBe(expected);
});

test.each([
  ["Node.js of now", judgeNode("20.19.0"), "ok"],
  ["an old Node.js", judgeNode("18.20.4"), "bad"],
  ["git of now", judgeGit(answer(0, "git version 2.39.5\n")), "ok"],
  ["an old git", judgeGit(answer(0, "git version 2.31.9\n")), "bad"],
  ["no git", judgeGit(answer(127, "")), "bad"],
  ["a git that is none", judgeGit(answer(1, "", "xcrun: error")), "bad"],
  ["an engine of now", judgeEngine(answer(0, '{"Version":"28.2.2","ApiVersion":"1.50"}')), "ok"],
  ["the oldest engine", judgeEngine(answer(0, '{"Version":"20.10.24+dfsg1","ApiVersion":"1.41"}')), "ok"],
  ["an older engine", judgeEngine(answer(0, '{"Version":"19.03.15","ApiVersion":"1.40"}')), "bad"],
  ["no docker", judgeEngine(answer(127, "")), "bad"],
  ["a client without a server", judgeEngine(answer(0, "null")), "bad"],
  [
    "an engine that filters calls",
    judgeConfinement(answer(0, '"20.10.24" ["name=apparmor","name=seccomp,profile=builtin"]')),
    "ok",
  ],
  [
    "Docker Desktop, which filters for those who ask",
    judgeConfinement(answer(0, '"27.3.1" ["name=seccomp,profile=unconfined","name=cgroupns"]')),
    "ok",
  ],
  ["an engine that filters none", judgeConfinement(answer(0, '"20.10.24" ["name=seccomp,profile=unconfined"]')), "bad"],
  ["an engine without a filter", judgeConfinement(answer(0, '"27.3.1" ["name=rootless"]')), "bad"],
  ["an engine that does not say", judgeConfinement(answer(1, "")), "warn"],
  ["much room", judgeSpace("there", 50 * 2 ** 30), "ok"],
  ["little room", judgeSpace("there", 4 * 2 ** 30), "warn"],
  ["no room", judgeSpace("there", 2 * 2 ** 30 - 1), "bad"],
])("%s", (_name, finding, level) => {
  expect(finding.level).toBe(level);
  expect(finding.advice === undefined).toBe(level === "ok");
});

test.each([
  ["permission denied while trying to connect to the Docker daemon socket", /usermod -aG docker/],
  ["Cannot connect to the Docker daemon at tcp://10.0.0.1:2375. Is it running?", /DOCKER_HOST/],
])("an engine out of reach: %s", (reason, advice) => {
  const finding = judgeEngine(answer(1, "", `warning\n${reason}\n`));
  expect(finding.text).toContain(reason);
  expect(finding.advice).toMatch(advice);
});

test("names the keys that are set and never what they are", () => {
  const finding = judgeKeys({ ANTHROPIC_API_KEY: "sk-ant-1234" });
  expect(finding).toEqual(ok("set: ANTHROPIC_API_KEY; not set: OPENAI_API_KEY"));
  expect(judgeKeys({ OPENAI_API_KEY: " " }).level).toBe("warn");
});

const port = { variable: "PORT", process: "api", port: 8787 };
const api = { name: "api", pid: 7 };
const ours = { text: "process 8 (next)", groupId: 7 };
const anothers = { text: "process 9 (x)", groupId: 9 };
test.each([
  ["free", undefined, { supervisor: undefined, children: [] }, "ok", /is free/],
  ["ours", ours, { supervisor: {}, children: [api] }, "ok", /held by this instance/],
  ["not up yet", undefined, { supervisor: {}, children: [api] }, "warn", /nobody listens/],
  ["left behind", ours, { supervisor: undefined, children: [api] }, "warn", /killed run left behind \(process 8/],
  ["another's", anothers, { supervisor: undefined, children: [] }, "bad", /taken by process 9 \(x\)/],
  ["another's while ours runs", anothers, { supervisor: {}, children: [api] }, "bad", /taken by process 9 \(x\)/],
  ["nobody knows whose", { ...ours, groupId: undefined }, { supervisor: {}, children: [api] }, "bad", /taken by/],
])("a port that is %s", (...[, owner, running, level, text]) => {
  expect(judgePort(port, owner, running)).toMatchObject({ level, text: expect.stringMatching(text) });
});

test("a port that all else works without is warned of at most", () => {
  const optional = { variable: "PREVIEW_PORT", process: "api", port: 8788, isOptional: true };
  const running = { supervisor: {}, children: [api] };
  expect(judgePort(optional, undefined, running).level).toBe("ok");
  expect(judgePort(optional, ours, running).level).toBe("ok");
  // The API runs, but what listens beside it is not the API.
  expect(judgePort(optional, anothers, running)).toMatchObject({
    level: "warn",
    text: "PREVIEW_PORT 8788 is taken by process 9 (x): previews cannot be shown",
  });
});

const database = { file: "/d/data.db", integrity: "ok", version: 2, known: 2, backups: [] as string[] };
test.each([
  ["whole", {}, "ok", /schema 2$/, /^$/],
  ["older", { version: 1 }, "ok", /brought to 2/, /^$/],
  ["newer", { version: 3 }, "bad", /newer version \(schema 3, this program knows 2\)/, /update/],
  ["damaged", { integrity: "row 7 missing" }, "bad", /row 7 missing/, /no backup/],
  ["damaged, with backups", { integrity: "no", backups: ["/d/v1", "/d/v2"] }, "bad", /damaged/, /put \/d\/v2/],
])("a database that is %s", (...[, part, level, text, advice]) => {
  const finding = judgeDatabase({ ...database, ...part });
  expect(finding).toMatchObject({ level, text: expect.stringMatching(text) });
  expect(finding.advice ?? "").toMatch(advice);
});

test("tells orphans from what sessions need, and lost volumes from purged ones", () => {
  const of = (...sessions: string[]) => sessions.map((session) => ({ name: `of-${session}`, session }));
  const inventory = {
    containers: [
      ...of("live", "purged", "lost", "").map((one) => ({ ...one, isAtWork: false })),
      ...of("lost", "").map((one) => ({ name: `busy-${one.name}`, session: one.session, isAtWork: true })),
    ],
    volumes: of("live", "purged", "lost"),
    networks: of("live", "purged", "lost"),
  };
  const rows = { live: new Set(["live"]), purged: new Set(["purged"]) };
  expect(findOrphans(inventory, rows)).toEqual({
    // A helper that is at work stays; what belongs to a session that is gone does not.
    containers: ["of-purged", "of-lost", "of-", "busy-of-lost"],
    purgedVolumes: ["of-purged"],
    unknownVolumes: ["of-lost"],
    networks: ["of-purged", "of-lost"],
  });
});

test.each([
  ["that runs, since yesterday", "Up 20 hours", "2026-01-01 12:00:00 +0000 UTC", true],
  ["that begins", "Created", "2026-01-02 07:59:50 +0000 UTC", true],
  ["that has just ended", "Exited (0) 1 second ago", "2026-01-02 09:55:00 +0200 CEST", true],
  ["that a killed server left", "Exited (0) 3 hours ago", "2026-01-02 07:00:00 +0200 CEST", false],
  ["that was made and never started", "Created", "2026-01-02 07:00:00 +0000 UTC", false],
  ["of an unreadable age", "Exited (0)", "yesterday", true],
])("a helper %s", (...[, status, createdAt, expected]) => {
  expect(isAtWork({ status, createdAt }, new Date("2026-01-02T08:00:00Z"))).toBe(expected);
});

test("prints one line, and what can be done below it", () => {
  const repair = { words: "mend", run: async () => undefined };
  expect(formatFinding("git", ok("git 2"))).toBe("✓ git           git 2");
  expect(formatFinding("disk", bad("full", "make room")).split("\n")).toEqual([
    "✗ disk          full",
    "                → make room",
  ]);
  expect(formatFinding("image", warn("old", "build", repair))).toMatch(/→ build; or: npm run doctor -- --fix image$/);
});

test.each([
  [[ok("a")], "Everything is in order."],
  [[ok("a"), warn("b")], "Everything works; 1 to look at (!)."],
  [[bad("a"), warn("b")], "1 to mend (✗), 1 to look at (!)."],
  [[bad("a"), bad("b")], "2 to mend (✗)."],
])("sums up %j", (findings, line) => {
  expect(summarize(findings)).toBe(line);
});
