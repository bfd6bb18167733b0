import { z } from "zod";
import { Message, PermissionRequest, QuestionRequest, SessionStatus } from "./opencode-events.ts";

export interface PromptOrder {
  messageID: string;
  text: string;
  model: { providerID: string; modelID: string };
  variant?: string;
}

export interface PermissionAnswer {
  reply: "once" | "always" | "reject";
  message?: string | undefined;
}

export interface OpenCodeClientDeps {
  url: string;
  password: string;
  /** The working tree that the sessions belong to. */
  directory: string;
}

const Created = z.object({ id: z.string() });
const Statuses = z.record(z.string(), SessionStatus);

/** OpenCode's HTTP API for one directory. Each call rejects with the status and body where OpenCode refuses. */
export function createOpenCodeClient({ url, password, directory }: OpenCodeClientDeps) {
  const headers = { authorization: `Basic ${Buffer.from(`opencode:${password}`).toString("base64")}` };
  const at = (path: string, query: Record<string, string> = {}) =>
    `${url}${path}?${new URLSearchParams({ directory, ...query }).toString()}`;

  async function call(path: string, init: RequestInit = {}, query: Record<string, string> = {}): Promise<Response> {
    const response = await fetch(at(path, query), {
      ...init,
      headers: { ...headers, "content-type": "application/json" },
      signal: AbortSignal.timeout(60_000),
    });
    if (response.ok || response.status === 404) return response;
    throw new Error(`OpenCode answered ${response.status} to ${path}: ${(await response.text()).slice(0, 500)}`);
  }

  async function require(path: string, init: RequestInit = {}, query: Record<string, string> = {}): Promise<Response> {
    const response = await call(path, init, query);
    if (response.status === 404) throw new Error(`OpenCode knows no ${path}`);
    return response;
  }

  return {
    headers,
    eventUrl: at("/event"),
    /** Makes a session; a title given here spares the model call that would find one. */
    async createSession(title: string): Promise<string> {
      const response = await require("/session", { method: "POST", body: JSON.stringify({ title }) });
      return Created.parse(await response.json()).id;
    },
    async hasSession(id: string): Promise<boolean> {
      return (await call(`/session/${id}`)).status === 200;
    },
    /** Removes a session with its messages; one that is not there is removed already. */
    async deleteSession(id: string): Promise<void> {
      await call(`/session/${id}`, { method: "DELETE" });
    },
    /** Hands a prompt over; the answer comes as events. */
    async prompt(session: string, { messageID, text, model, variant }: PromptOrder): Promise<void> {
      const body = { messageID, model, parts: [{ type: "text", text }], ...(variant ? { variant } : {}) };
      await require(`/session/${session}/prompt_async`, { method: "POST", body: JSON.stringify(body) });
    },
    async abort(session: string): Promise<void> {
      await require(`/session/${session}/abort`, { method: "POST" });
    },
    async isBusy(session: string): Promise<boolean> {
      const status = Statuses.parse(await (await require("/session/status")).json())[session];
      return status !== undefined && status.type !== "idle";
    },
    /** The last `limit` messages, oldest first. */
    async listMessages(session: string, limit: number): Promise<Message[]> {
      const response = await require(`/session/${session}/message`, {}, { limit: String(limit) });
      return z.array(Message).parse(await response.json());
    },
    async hasMessage(session: string, message: string): Promise<boolean> {
      return (await call(`/session/${session}/message/${message}`)).status === 200;
    },
    async listQuestions(): Promise<QuestionRequest[]> {
      return z.array(QuestionRequest).parse(await (await require("/question")).json());
    },
    async listPermissions(): Promise<PermissionRequest[]> {
      return z.array(PermissionRequest).parse(await (await require("/permission")).json());
    },
    /** Answers false where the agent no longer asks that; null: there will be no answer. */
    async answerQuestion(id: string, answers: string[][] | null): Promise<boolean> {
      const path = `/question/${encodeURIComponent(id)}`;
      const response = answers
        ? await call(`${path}/reply`, { method: "POST", body: JSON.stringify({ answers }) })
        : await call(`${path}/reject`, { method: "POST" });
      return response.status !== 404;
    },
    /** Answers false where the agent no longer asks that. */
    async answerPermission(id: string, { reply, message }: PermissionAnswer): Promise<boolean> {
      const body = JSON.stringify({ reply, ...(message === undefined ? {} : { message }) });
      const response = await call(`/permission/${encodeURIComponent(id)}/reply`, { method: "POST", body });
      return response.status !== 404;
    },
    /** The whole conversation as `opencode export` writes it and `opencode import` reads it, as JSON text. */
    async exportConversation(session: string): Promise<string> {
      const [info, messages] = await Promise.all([
        require(`/session/${session}`),
        require(`/session/${session}/message`),
      ]);
      return `{"info":${await info.text()},"messages":${await messages.text()}}`;
    },
  };
}

export type OpenCodeClient = ReturnType<typeof createOpenCodeClient>;
