import { isDeepStrictEqual } from "node:util";
import type { SessionEvent } from "@background-agents/shared/protocol/session-events";
import type { Evidence } from "./evidence.ts";

const ENDS = new Set<SessionEvent["type"]>([
  "prompt.completed",
  "prompt.failed",
  "prompt.interrupted",
  "prompt.cancelled",
  "prompt.steered",
]);

/** An accepted prompt reaches exactly one end, is never lost and never run twice; the end is the one the agent told. */
export function checkPrompts({ ledger, database }: Evidence): string[] {
  const problems: string[] = [];
  const rows = new Map(database.prompts.map((prompt) => [prompt.id, prompt]));
  for (const { promptId } of ledger.accepted) {
    if (!rows.has(promptId)) problems.push(`${promptId} was accepted and is not in the database`);
  }
  for (const { promptId } of ledger.runs) {
    if (!rows.has(promptId)) problems.push(`${promptId} was run and is not in the database`);
  }
  for (const prompt of database.prompts) {
    const ends = (database.events[prompt.session_id] ?? []).filter(
      (event) => event.promptId === prompt.id && ENDS.has(event.type),
    );
    if (ends.length !== 1) problems.push(`${prompt.id} has ${ends.length} ends (${prompt.status})`);
    else if (ends[0]?.type !== `prompt.${prompt.status}`) {
      problems.push(`${prompt.id} is ${prompt.status} in its row and ${ends[0]?.type} in the log`);
    }
    const runs = ledger.runs.filter((run) => run.promptId === prompt.id);
    if (runs.length > 1) problems.push(`${prompt.id} was run ${runs.length} times`);
    if (prompt.status === "completed" && runs[0]?.outcome !== "completed") {
      problems.push(`${prompt.id} is completed, and the agent said ${runs[0]?.outcome ?? "nothing"}`);
    }
    if (prompt.status === "cancelled" && runs.length > 0) problems.push(`${prompt.id} is cancelled and was run`);
    const joined = ledger.runs.filter((run) => run.steered.some((id) => id === prompt.id)).length;
    if (joined + runs.length > 1) problems.push(`${prompt.id} was run ${runs.length} times and joined ${joined} turns`);
    if ((prompt.status === "steered") !== (joined === 1)) {
      problems.push(`${prompt.id} is ${prompt.status}, and joined ${joined} turns`);
    }
  }
  return problems;
}

/** What the agent asked is asked of the user once, has one answer, and it is the answer that the agent heard. */
export function checkAnswers({ ledger, database }: Evidence): string[] {
  return ledger.runs.flatMap((run) =>
    run.asked.flatMap(({ id, kind, heard }) => {
      const events = database.events[run.sessionId] ?? [];
      const asked = events.filter((event) => event.type === `${kind}.asked` && idAsked(event) === id);
      const answers = events.flatMap((event) => (idAsked(event) === id ? (answerOf(event) ?? []) : []));
      const problems = asked.length === 1 ? [] : [`${id} is asked ${asked.length} times`];
      if (answers.length !== 1) problems.push(`${id} has ${answers.length} answers`);
      else if (heard !== undefined && !isDeepStrictEqual(answers[0], { heard })) {
        problems.push(`${id}: the agent heard ${JSON.stringify(heard)}, stored is ${JSON.stringify(answers[0])}`);
      }
      return problems;
    }),
  );
}

function idAsked(event: SessionEvent): string | undefined {
  if (event.type === "question.asked" || event.type === "question.answered") return event.data.questionId;
  if (event.type === "permission.asked" || event.type === "permission.answered") return event.data.permissionId;
  return undefined;
}

function answerOf(event: SessionEvent): { heard: unknown } | undefined {
  if (event.type === "question.answered") return { heard: event.data.answers };
  if (event.type === "permission.answered") return { heard: event.data.reply };
  return undefined;
}

/** Events are contiguous from 1, and the row knows the last. */
export function checkEvents({ database }: Evidence): string[] {
  const problems: string[] = [];
  for (const session of database.sessions) {
    const events = database.events[session.id] ?? [];
    const wrong = events.findIndex((event, place) => event.seq !== place + 1);
    if (wrong >= 0) problems.push(`${session.id}: seq ${events[wrong]?.seq} where ${wrong + 1} was due`);
    if (session.last_seq !== events.length) {
      problems.push(`${session.id}: the row says last_seq ${session.last_seq}, the log has ${events.length}`);
    }
    if (events[0]?.type !== "session.created") problems.push(`${session.id}: the log does not begin with its creation`);
  }
  return problems;
}

/**
 * What the agent said is stored once, whole and in order; of a turn whose sandbox was lost and told nothing since, the
 * first so many parts. Beside them may stand, marked, the beginning of the part that the end of the sandbox cut off.
 */
export function checkSaid({ ledger, database, engine }: Evidence): string[] {
  const problems: string[] = [];
  if (engine.unacked > 0) problems.push(`${engine.unacked} reports are still in a spool`);
  for (const run of ledger.runs) {
    const all = (database.events[run.sessionId] ?? []).flatMap((event) =>
      event.type === "part.settled" && event.turnId === run.turnId ? [event.data] : [],
    );
    const stored = all.flatMap(({ partId, text = "", partial }) => (partial ? [] : [{ partId, text }]));
    const status = database.prompts.find((prompt) => prompt.id === run.promptId)?.status;
    const whole = run.retold || (run.outcome !== undefined && run.outcome === status);
    const said = whole ? run.parts : run.parts.slice(0, stored.length);
    if (!isDeepStrictEqual(stored, said)) {
      problems.push(`${run.turnId} (${status}): ${run.parts.length} parts said, ${stored.length} stored, not the same`);
    }
    const cut = all.filter(({ partial }) => partial);
    if (cut.length > 1) problems.push(`${run.turnId}: ${cut.length} parts are stored as cut off`);
    for (const { partId, text = "" } of cut) {
      const part = [...run.parts, run.unfinished].find((one) => one?.partId === partId);
      if (!part?.text.startsWith(text))
        problems.push(`${run.turnId}: ${partId} is stored as cut off, and was not said so`);
    }
  }
  return problems;
}

/**
 * No text that a client was shown while it grew is missing afterwards. A deleted session is left out: what its sandbox
 * could not tell is told by the next one, which comes only where the session is restored.
 */
export function checkSeen({ clients, database }: Evidence): string[] {
  const sessions = new Set(database.sessions.map(({ id }) => id));
  return clients.flatMap(({ sessionId, seen }) => {
    if (!sessions.has(sessionId)) return [];
    const stored = new Map<string, string>();
    for (const event of database.events[sessionId] ?? []) {
      if (event.type === "part.settled") stored.set(event.data.partId, event.data.text ?? "");
    }
    return Object.entries(seen)
      .filter(([partId, text]) => text !== "" && !stored.get(partId)?.startsWith(text))
      .map(
        ([partId, text]) => `${partId}: ${text.length} characters were shown, ${stored.get(partId)?.length} are kept`,
      );
  });
}

/** Each client ends with the database's transcript and state, and met nothing odd on the way. */
export function checkClients({ clients, database }: Evidence): string[] {
  return clients.flatMap((client, place) => {
    const problems = client.anomalies.slice(0, 3).map((anomaly) => anomaly);
    const stored = database.events[client.sessionId] ?? [];
    if (!isDeepStrictEqual(client.events, stored)) {
      const same = stored.findIndex((event, index) => !isDeepStrictEqual(event, client.events[index]));
      problems.push(`has ${client.events.length} events, the database ${stored.length}; they part at ${same + 1}`);
    }
    const session = database.sessions.find((one) => one.id === client.sessionId);
    if (session && (client.session?.lastSeq !== session.last_seq || client.session.status !== session.status)) {
      problems.push(
        `shows the session as ${client.session?.status} at ${client.session?.lastSeq}, it is ${session.status}`,
      );
    }
    for (const prompt of database.prompts.filter((one) => one.session_id === client.sessionId)) {
      const shown = Object.entries(client.prompts).find(([id]) => id === prompt.id)?.[1];
      if (shown !== prompt.status) problems.push(`shows ${prompt.id} as ${shown}, it is ${prompt.status}`);
    }
    return problems.map((problem) => `client ${place + 1} of ${client.sessionId}: ${problem}`);
  });
}
