import type { SessionId } from "@background-agents/shared/ids";
import type { UsageAnswer } from "@background-agents/shared/protocol/guard-commands";
import type { Session } from "@background-agents/shared/sessions/session";
import { type Budget, type BudgetScope, type BudgetUse, budgetWords } from "@background-agents/shared/usage/budget";
import { isDeepStrictEqual } from "node:util";
import { AppError, messageOf } from "../lib/app-error.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/logger.ts";
import type { SessionEffects } from "../sessions/session-effects.ts";
import type { SessionRecorder } from "../sessions/session-recorder.ts";
import { activePrompt, type SessionState } from "../sessions/session-state.ts";
import type { SessionStore } from "../sessions/session-store.ts";
import { workedMs } from "../sessions/turn-clock.ts";
import type { SettingService } from "../settings/setting-service.ts";
import { startOfDay } from "../usage/calendar-day.ts";
import type { UsageStore } from "../usage/usage-store.ts";
import { decideBudget } from "./budget-machine.ts";
import { type Amounts, isReached, judgeBudget } from "./judge-budget.ts";

const MS_A_MINUTE = 60_000;

export type BudgetService = ReturnType<typeof createBudgetService>;

const NO_MORE: Record<BudgetScope, Partial<Amounts>> = { session: {}, day: {} };

function sumOf(used: Amounts, { usd = 0, tokens = 0, minutes = 0 }: Partial<Amounts>): Amounts {
  return { usd: used.usd + usd, tokens: used.tokens + tokens, minutes: used.minutes + minutes };
}

/** How long, in milliseconds, the turn that runs has run today. */
function ranToday({ runningSince }: SessionState, now: Date): number {
  if (runningSince === null) return 0;
  return Math.max(0, now.getTime() - Math.max(Date.parse(runningSince), startOfDay(now).getTime()));
}

/** Holds sessions to their limits: looks before each call of a model, after each use, and each minute of a turn. */
export function createBudgetService(deps: {
  store: SessionStore;
  recorder: SessionRecorder;
  effects: Pick<SessionEffects, "advance" | "stopTurn">;
  settings: Pick<SettingService, "get">;
  usage: Pick<UsageStore, "totalOf">;
  clock: Clock;
  log: Pick<Log, "error">;
}) {
  const { store, recorder, effects, settings, clock } = deps;
  let timer: NodeJS.Timeout | undefined;

  const listRunning = (): SessionState[] =>
    store.listUnsettled().flatMap((id) => {
      const state = store.find(id);
      return state && activePrompt(state) ? [state] : [];
    });

  /** What turns that run now have not brought into the table yet, and what is in it. */
  function usedToday(now: Date): Amounts {
    const { inputTokens, outputTokens, costUsd, workMs } = deps.usage.totalOf(now);
    const runningMs = listRunning().reduce((sum, state) => sum + ranToday(state, now), 0);
    return { usd: costUsd, tokens: inputTokens + outputTokens, minutes: (workMs + runningMs) / MS_A_MINUTE };
  }

  function usedBy(state: SessionState, now: Date): Amounts {
    const { inputTokens, outputTokens, costUsd } = state.session.usage;
    return { usd: costUsd, tokens: inputTokens + outputTokens, minutes: workedMs(state, now) / MS_A_MINUTE };
  }

  function limitsOf({ budget, repository }: Session): { session: Budget; day: Budget } {
    return { session: budget ?? settings.get("budget.session", repository.id), day: settings.get("budget.day") };
  }

  /** What is used of each limit; `more` is taken for used, too. */
  function judge(state: SessionState, now: Date, more: Record<BudgetScope, Partial<Amounts>>): BudgetUse[] {
    const limits = limitsOf(state.session);
    const isSet = (budget: Budget) => Object.values(budget).some((limit) => limit !== null && limit !== undefined);
    const none: Amounts = { usd: 0, tokens: 0, minutes: 0 };
    return judgeBudget(limits, {
      session: isSet(limits.session) ? sumOf(usedBy(state, now), more.session) : none,
      day: isSet(limits.day) ? sumOf(usedToday(now), more.day) : none,
    });
  }

  /** Records what a look at the session finds, and stops its turn where a limit is reached. Answers which one is. */
  function check(sessionId: SessionId): BudgetUse | undefined {
    const before = store.find(sessionId);
    if (!before || before.session.deletedAt) return undefined;
    const now = clock.now();
    const { state, events } = recorder.record(sessionId, (current) =>
      decideBudget(current, judge(current, now, NO_MORE), {
        now,
        spentOf: (scope) => (scope === "day" ? usedToday(now) : usedBy(current, now)),
      }),
    );
    if (events.some((event) => event.type === "prompt.stopping")) effects.stopTurn(sessionId);
    const reached = state.session.budgetReached;
    if (before.session.budgetReached && !reached) effects.advance(sessionId);
    return reached ?? undefined;
  }

  /** Looks at every session that runs or is stopped: a limit, or the day, has changed. */
  function review(): void {
    const ids = new Set([...listRunning().map(({ session }) => session.id), ...store.listStoppedByBudget()]);
    for (const id of ids) {
      try {
        check(id);
      } catch (error) {
        deps.log.error({ sessionId: id, reason: messageOf(error) }, "a budget could not be looked at");
      }
    }
  }

  return {
    check,
    review,

    /** Why the session may ask no model now, in words for the agent; undefined: it may. */
    refusal(sessionId: SessionId): string | undefined {
      const reached = check(sessionId);
      return reached && `The budget is used up: ${budgetWords(reached)}. The user can raise it; do not try again.`;
    },

    /** Whether no limit is reached with what calls under way may use beside what is used: the session's own, and all. */
    hasRoom(sessionId: SessionId, { own, all }: Record<"own" | "all", Partial<Amounts>>): boolean {
      const state = store.find(sessionId);
      return !state || !judge(state, clock.now(), { session: own, day: all }).some(isReached);
    },

    /** Something of the session was counted: it may have reached its limit, or all of them the day's. */
    checkUse(sessionId: SessionId): void {
      if (check(sessionId)?.scope === "day") review();
    },

    /** Its own limits from here on; null: those of its repository. What waits goes on where there is room again. */
    setBudget(sessionId: SessionId, budget: Budget | null): Session {
      recorder.record(sessionId, ({ session }) => {
        if (session.deletedAt) throw new AppError("session.deleted", "The session is deleted: restore it first.");
        if (isDeepStrictEqual(session.budget, budget)) return [];
        return [{ type: "budget.changed", actor: "user", data: { budget } }];
      });
      check(sessionId);
      effects.advance(sessionId);
      const state = store.find(sessionId);
      if (!state) throw new AppError("session.not-found", "There is no such session.");
      return state.session;
    },

    today(): UsageAnswer["today"] {
      return { budget: settings.get("budget.day"), ...usedToday(clock.now()) };
    },

    /** Looks each minute: time passes, and days end. */
    start(): void {
      review();
      timer = setInterval(review, MS_A_MINUTE);
      timer.unref();
    },

    stop(): void {
      clearInterval(timer);
    },
  };
}
