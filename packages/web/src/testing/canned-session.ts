import { newId, type PromptId, type TurnId } from "@background-agents/shared/ids";
import type { NewSessionEvent } from "@background-agents/shared/protocol/session-events";
import type { SessionFrame } from "@background-agents/shared/protocol/session-frames";
import type { OpenPart, SettledTool } from "@background-agents/shared/sessions/part";

/** What a canned turn does next: something stored, or something that only streams. */
export type CannedStep =
  | { event: NewSessionEvent }
  | { frame: SessionFrame }
  /** Goes on once the user has answered the question or permission of this id. */
  | { untilAnswered: string };

const REPLY = [
  "The public routes are limited to **60 requests a minute** per API key.\n\n",
  "- Over the limit they answer `429` with `Retry-After`\n",
  "- Unkeyed requests are counted by address\n\n",
  '```ts\nawait app.register(rateLimit, {\n  max: 60,\n  timeWindow: "1 minute",\n  keyGenerator: (request) => apiKeyOf(request),\n});\n```\n\n',
  "See [the framework's notes](https://example.org/rate-limit).",
];

const PATCH = `@@ -9,6 +9,9 @@ import { listItems } from "./items.ts";
 
 export async function publicRoutes(app: FastifyInstance) {
-  app.get("/v1/items", listItems);
+  await app.register(rateLimit, { max: 60, timeWindow: "1 minute",
+    keyGenerator: (request) => apiKeyOf(request) });
+  app.get("/v1/items", { schema: itemsSchema }, listItems);
   app.get("/v1/status", status);
 }
`;

const TEST_OUTPUT = [
  "\u001B[1m RUN \u001B[22m v4.1.12\n\n",
  " \u001B[32m✓\u001B[39m test/rate-limit.test.ts \u001B[2m(4 tests)\u001B[22m \u001B[33m1204ms\u001B[39m\n",
  "   \u001B[32m✓\u001B[39m 61st request within a minute is refused with 429\n",
  "   \u001B[32m✓\u001B[39m Retry-After counts down\n\n",
  " Tests  \u001B[32m4 passed\u001B[39m (4)\n",
];

/** A turn of the kind a real agent makes: it thinks, looks, edits, runs and says what it did. */
export function cannedTurn(promptId: PromptId, turnId: TurnId): CannedStep[] {
  const ids = { promptId, turnId };
  const steps: CannedStep[] = [];
  let index = 0;
  const store = (event: NewSessionEvent) => steps.push({ event });
  const open = (part: OpenPart) => steps.push({ frame: { type: "part", promptId, part } });

  function say(kind: "text" | "reasoning", pieces: string[]): void {
    const partId = `part-${promptId}-${index}`;
    open({ partId, kind, index, text: "", rev: 0 });
    let text = "";
    for (const piece of pieces.flatMap((whole) => whole.match(/.{1,9}/gs) ?? [])) {
      steps.push({ frame: { type: "delta", partId, offset: text.length, text: piece } });
      text += piece;
    }
    store({ type: "part.settled", actor: "agent", ...ids, data: { partId, kind, index, text, durationMs: 6200 } });
    index++;
  }

  function use(tool: SettledTool, live: string[] = []): void {
    const partId = `part-${promptId}-${index}`;
    let output = "";
    live.forEach((piece, rev) => {
      output += piece;
      const running = {
        name: tool.name,
        status: "running" as const,
        input: tool.input,
        output,
        startedAt: new Date().toISOString(),
      };
      open({ partId, kind: "tool", index, text: "", rev, tool: running });
    });
    store({ type: "part.settled", actor: "agent", ...ids, data: { partId, kind: "tool", index, tool } });
    index++;
  }

  store({ type: "prompt.starting", actor: "server", ...ids, data: {} });
  store({ type: "prompt.started", actor: "agent", ...ids, data: { messageId: `msg-${promptId}` } });
  say("reasoning", [
    "The routes are registered in one place. The framework has a plugin for this, so I will use it and test the edge.",
  ]);
  use({
    name: "grep",
    status: "completed",
    input: { pattern: "registerRoute" },
    output: "Found 9 matches\n",
    durationMs: 40,
  });
  use({
    name: "read",
    status: "completed",
    input: { filePath: "/workspace/api/src/routes/public.ts" },
    output: "1: a\n2: b\n",
    durationMs: 12,
  });
  use({
    name: "edit",
    status: "completed",
    input: { filePath: "/workspace/api/src/routes/public.ts" },
    output: "",
    patch: PATCH,
    durationMs: 30,
  });
  store({
    type: "retry.scheduled",
    actor: "agent",
    ...ids,
    data: { attempt: 1, message: "The provider is overloaded", nextAt: new Date(Date.now() + 4000).toISOString() },
  });
  use(
    {
      name: "bash",
      status: "completed",
      input: { command: "npm test -- rate-limit" },
      output: TEST_OUTPUT.join(""),
      exitCode: 0,
      durationMs: 8200,
    },
    TEST_OUTPUT,
  );
  say("text", REPLY);
  store({
    type: "usage.recorded",
    actor: "server",
    ...ids,
    data: {
      model: "anthropic/claude-sonnet-5",
      inputTokens: 13_100,
      outputTokens: 1_100,
      cacheReadTokens: 0,
      cacheWriteTokens: 0,
      costUsd: 0.22,
    },
  });
  store({ type: "prompt.saving", actor: "agent", ...ids, data: {} });
  const checkpointId = newId("checkpoint");
  const counts = { files: 3, additions: 42, deletions: 7 };
  store({
    type: "checkpoint.created",
    actor: "server",
    ...ids,
    data: { checkpointId, commit: "b".repeat(40), ...counts, turn: counts },
  });
  store({ type: "prompt.completed", actor: "agent", ...ids, data: { durationMs: 72_000, checkpointId } });
  store({
    type: "branch.published",
    actor: "server",
    data: { branch: "agents/rate-limit-public-api-k3v9qd", commit: "b".repeat(40) },
  });
  return steps;
}

/** A sandbox on its way up. */
export function cannedBoot(): CannedStep[] {
  const boot = newId("boot");
  const phases = ["connect", "clone", "setup", "agent"] as const;
  return [
    { event: { type: "sandbox.queued", actor: "server", data: { reason: "memory", position: 2 } } },
    { event: { type: "sandbox.creating", actor: "server", data: { boot } } },
    ...phases.flatMap((phase): CannedStep[] => [
      { event: { type: "sandbox.booting", actor: "server", data: { boot, phase } } },
      { frame: { type: "log", phase, text: `${phase}: working\n` } },
    ]),
    { event: { type: "sandbox.ready", actor: "server", data: { boot, opencodeVersion: "1.18.33", bootMs: 3900 } } },
  ];
}
