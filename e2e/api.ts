import type { SessionEvent } from "@background-agents/shared/protocol/session-events";
import type { Prompt, Session } from "@background-agents/shared/sessions/session";

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
    events: async (id: string) =>
      (await call<{ events: SessionEvent[] }>("GET", `/api/sessions/${id}/events?limit=1000`)).events,
    create: async (body: unknown) => (await call<{ session: Session }>("POST", "/api/sessions", body)).session,
    sessions: async () => (await call<{ sessions: Session[] }>("GET", "/api/sessions")).sessions,
  };
}

export type Api = ReturnType<typeof createApi>;

/** The system that the whole run shares. */
export function sharedAccess(): ApiAccess & { url: string; reposDir: string; dataDir: string } {
  const read = (name: string): string => {
    const value = process.env[name];
    if (value === undefined) throw new Error(`${name} is not set: run the tests with npm run e2e`);
    return value;
  };
  return {
    url: read("E2E_URL"),
    apiUrl: read("E2E_API_URL"),
    token: read("E2E_TOKEN"),
    reposDir: read("E2E_REPOS_DIR"),
    dataDir: read("E2E_DATA_DIR"),
  };
}
