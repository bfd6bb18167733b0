import type { RepositoryId, SessionId } from "@background-agents/shared/ids";
import type { UsageAnswer, UsageQuery } from "@background-agents/shared/protocol/guard-commands";
import type { ModelId } from "@background-agents/shared/sessions/session";
import type { z } from "zod";
import type { Database } from "../db/database.ts";
import { calendarDay } from "./calendar-day.ts";

export interface UsageAmounts {
  /** With what was read from, and written to, the provider's cache. */
  inputTokens: number;
  outputTokens: number;
  costUsd: number;
  /** Milliseconds of turns. */
  workMs: number;
}

export interface UsageOf extends Partial<UsageAmounts> {
  at: Date;
  sessionId: SessionId;
  repositoryId: RepositoryId;
  model: ModelId;
}

export type UsageStore = ReturnType<typeof createUsageStore>;

const SUMS = `sum(input_tokens) AS inputTokens, sum(output_tokens) AS outputTokens, sum(cost_usd) AS costUsd,
  sum(work_ms) / 60000.0 AS minutes`;

/** What each kind of row is called and what it goes by; a session that is gone goes by its id. */
const KEYS: Record<z.infer<typeof UsageQuery>["by"], { key: string; label: string; order: string }> = {
  day: { key: "day", label: "day", order: "day DESC" },
  session: {
    key: "session_id",
    label: "coalesce((SELECT title FROM sessions WHERE id = session_id), session_id)",
    order: "costUsd DESC, inputTokens DESC",
  },
  model: { key: "model", label: "model", order: "costUsd DESC, inputTokens DESC" },
  repository: {
    key: "repository_id",
    label:
      "coalesce((SELECT repository_name FROM sessions WHERE sessions.repository_id = usage.repository_id LIMIT 1), repository_id)",
    order: "costUsd DESC, inputTokens DESC",
  },
};

/** What was used, by day, session and model. `add` must run in the transaction that records the event. */
export function createUsageStore(deps: { db: Database }) {
  const { db } = deps;
  const add = db.prepare(
    `INSERT INTO usage (day, session_id, repository_id, model, input_tokens, output_tokens, cost_usd, work_ms)
     VALUES (@day, @sessionId, @repositoryId, @model, @inputTokens, @outputTokens, @costUsd, @workMs)
     ON CONFLICT (day, session_id, model) DO UPDATE SET input_tokens = input_tokens + excluded.input_tokens,
       output_tokens = output_tokens + excluded.output_tokens, cost_usd = cost_usd + excluded.cost_usd,
       work_ms = work_ms + excluded.work_ms`,
  );
  const ofDay = db.prepare(
    `SELECT coalesce(sum(input_tokens), 0) AS inputTokens, coalesce(sum(output_tokens), 0) AS outputTokens,
       coalesce(sum(cost_usd), 0) AS costUsd, coalesce(sum(work_ms), 0) AS workMs FROM usage WHERE day = ?`,
  );
  const isEmpty = db.prepare("SELECT NOT EXISTS (SELECT 1 FROM usage)").pluck();
  const takeOver = db.prepare(
    `INSERT INTO usage (day, session_id, repository_id, model, input_tokens, output_tokens, cost_usd)
     SELECT date(at, 'localtime'), session_id, repository_id, json_extract(data, '$.model'),
       sum(json_extract(data, '$.inputTokens') + json_extract(data, '$.cacheReadTokens') + json_extract(data, '$.cacheWriteTokens')),
       sum(json_extract(data, '$.outputTokens')), sum(json_extract(data, '$.costUsd'))
     FROM events JOIN sessions ON sessions.id = session_id WHERE type = 'usage.recorded' GROUP BY 1, 2, 4`,
  );

  return {
    add({ at, sessionId, repositoryId, model, ...amounts }: UsageOf): void {
      const none: UsageAmounts = { inputTokens: 0, outputTokens: 0, costUsd: 0, workMs: 0 };
      const { workMs, ...rest } = { ...none, ...amounts };
      add.run({ day: calendarDay(at), sessionId, repositoryId, model, ...rest, workMs: Math.round(workMs) });
    },

    /** All sessions' together. */
    totalOf(at: Date): UsageAmounts {
      return ofDay.get(calendarDay(at)) as UsageAmounts;
    },

    list({ by, from, to }: z.infer<typeof UsageQuery>): UsageAnswer["rows"] {
      const { key, label, order } = KEYS[by];
      const rows = db.prepare(
        `SELECT ${key} AS key, ${label} AS label, ${SUMS} FROM usage
         WHERE (@from IS NULL OR day >= @from) AND (@to IS NULL OR day <= @to) GROUP BY 1 ORDER BY ${order} LIMIT 1000`,
      );
      return rows.all({ from: from ?? null, to: to ?? null }) as UsageAnswer["rows"];
    },

    /** Takes over what was recorded before there was this table; once, while nothing is in it. */
    takeOverEvents(): void {
      db.transaction(() => {
        if (isEmpty.get() === 1) takeOver.run();
      }).immediate();
    },
  };
}
