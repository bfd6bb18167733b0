import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import type { SessionId } from "@background-agents/shared/ids";
import { FetchRequest, GhRequest } from "@background-agents/shared/protocol/agent-git";
import { CommitId, type Session } from "@background-agents/shared/sessions/session";
import { z } from "zod";
import { AppError } from "../lib/app-error.ts";
import type { SessionStore } from "../sessions/session-store.ts";
import type { AgentFetch } from "./agent-fetch.ts";
import type { AgentGh } from "./agent-gh.ts";
import type { AgentPush } from "./agent-push.ts";
import type { Approvals } from "./approvals.ts";

export interface AgentGitHubDeps {
  store: SessionStore;
  approvals: Approvals;
  fetch: AgentFetch;
  push: AgentPush;
  gh: AgentGh;
}

const BODY_LIMIT_BYTES = 512 * 1024;
const RequestId = z.string().regex(/^[A-Za-z0-9-]{8,100}$/);
const PushQuery = z.object({ commit: CommitId, branch: z.string().min(1).max(250) });

/** Routes below `/git` and `/gh` of a sandbox's hub; see agent-git.ts of the shared package. */
export function createAgentGitHub(deps: AgentGitHubDeps) {
  const { store, approvals } = deps;

  function requireSession(sessionId: SessionId): Session {
    const session = store.find(sessionId)?.session;
    if (!session || session.deletedAt) throw new AppError("session.not-found", "There is no such session.");
    return session;
  }

  /** Answers one request; what it throws is answered as an error. */
  return async function handle(
    sessionId: SessionId,
    call: { request: IncomingMessage; response: ServerResponse; url: URL },
  ): Promise<void> {
    const { request, response, url } = call;
    const session = requireSession(sessionId);
    const [, room = "", what = "", name = ""] = url.pathname.split("/");
    switch (`${request.method ?? ""} ${room}/${what}`) {
      case "GET git/refs":
        return answer(response, await deps.fetch.listRefs(session));
      case "POST git/fetch": {
        const bundle = await deps.fetch.fetch(session, parse(FetchRequest, await readJson(request)));
        if (!bundle) return void response.writeHead(204).end();
        response.writeHead(200, { "content-type": "application/octet-stream" });
        return pipeline(bundle, response);
      }
      case "PUT git/push": {
        const { commit, branch } = parse(PushQuery, Object.fromEntries(url.searchParams));
        const order = { requestId: parse(RequestId, name), commit, branch, body: request, gone: goneOf(response) };
        return answer(response, await deps.push(sessionId, order));
      }
      case "DELETE git/push":
        approvals.withdrawRequest(sessionId, parse(RequestId, name));
        return void response.writeHead(204).end();
      case "POST gh/":
        return answer(response, await deps.gh(sessionId, parse(GhRequest, await readJson(request)), goneOf(response)));
      default:
        throw new AppError("route.not-found", "There is no such route.");
    }
  };
}

/** Aborted when the client hangs up before it has its answer. */
function goneOf(response: ServerResponse): AbortSignal {
  const gone = new AbortController();
  response.once("close", () => {
    if (!response.writableFinished) gone.abort();
  });
  return gone.signal;
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > BODY_LIMIT_BYTES) throw new AppError("request.too-large", "The request is too large.");
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch {
    throw new AppError("request.invalid", "The request is not JSON.");
  }
}

function parse<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const result = schema.safeParse(value);
  if (!result.success) throw new AppError("request.invalid", z.prettifyError(result.error));
  return result.data;
}

function answer(response: ServerResponse, body: unknown): void {
  if (response.destroyed) return;
  response.writeHead(200, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}
