import type { Database } from "../db/database.ts";
import type { Recorded } from "../sessions/session-recorder.ts";
import { usageRoutes } from "../usage/usage-routes.ts";
import { createUsageStore } from "../usage/usage-store.ts";
import { noteUsage } from "./note-usage.ts";
import { budgetRoutes } from "./budget-routes.ts";
import { createBudgetService } from "./budget-service.ts";

export type Budgets = ReturnType<typeof createBudgets>;

/** The room's parts, wired: what is used, and the limits of it. */
export function createBudgets(deps: { db: Database } & Omit<Parameters<typeof createBudgetService>[0], "usage">) {
  const usage = createUsageStore({ db: deps.db });
  usage.takeOverEvents();
  const service = createBudgetService({ ...deps, usage });
  return {
    service,
    /** Call it for each event, in the transaction that records it. */
    note: (recorded: Recorded) => noteUsage(usage, recorded),
    routes: () => [budgetRoutes({ budgets: service }), usageRoutes({ usage, today: service.today })],
    start: () => service.start(),
    stop: () => service.stop(),
  };
}
