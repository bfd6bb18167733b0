import type { SessionEvent } from "@background-agents/shared/protocol/session-events";
import type { Prompt, PromptStatus, Session } from "@background-agents/shared/sessions/session";
import { expect } from "@playwright/test";

const OPEN: PromptStatus[] = ["queued", "starting", "running", "waiting"];

export interface ApiAccess {
  apiUrl: string;
  token: string;
}

/** The API of a running system, as a program would use it. */
export function createApi({ apiUrl, token }: ApiAccess) {
  async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await fetch(`${apiUrl}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return (answer.headers.get("content-type")?.includes("json") ? JSON.parse(text) : text) as T;
  }
  const session = (id: string) => call<{ session: Session; prompts: Prompt[] }>("GET", `/api/sessions/${id}`);
  return {
    call,
    session,
    /** Awaits the end of every prompt: each one's status, or the reason why it failed. */
    ended: async (id: string, timeout = 150_000): Promise<string[]> => {
      let prompts: Prompt[] = [];
      const open = async () => {
        prompts = (await session(id)).prompts;
        return prompts.filter(({ status }) => OPEN.includes(status)).length;
      };
      await expect.poll(open, { timeout }).toBe(0);
      return prompts.map(({ error, status }) => error?.message ?? status);
    },
    events: async (id: string) =>
      (await call<{ events: SessionEvent[] }>("GET", `/api/sessions/${id}/events?limit=1000`)).events,
    create: async (body: unknown) => (await call<{ session: Session }>("POST", "/api/sessions", body)).session,
    sessions: async () => (await call<{ sessions: Session[] }>("GET", "/api/sessions")).sessions,
  };
}

export type Api = ReturnType<typeof createApi>;

export interface SharedAccess extends ApiAccess {
  url: string;
  reposDir: string;
  dataDir: string;
}

/** Where the set-up tells a worker about the system that is its own. */
export const systemVariable = (worker: number | string): string => `E2E_SYSTEM_${worker}`;

/** The system that all tests of this worker share. */
export function sharedAccess(): SharedAccess {
  const name = systemVariable(process.env["TEST_PARALLEL_INDEX"] ?? "0");
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: run the tests with npm run e2e`);
  return JSON.parse(value) as SharedAccess;
}
