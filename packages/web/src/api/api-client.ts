import { ErrorAnswer } from "@background-agents/shared/protocol/commands";
import { z } from "zod";
import { apiUrlFor } from "../lib/api-url.ts";
import { AppError } from "../lib/app-error.ts";
import { refuseToken, useAccess } from "./access-store.ts";

export interface ApiRequest<T> {
  method?: "GET" | "POST" | "PATCH" | "DELETE" | "PUT";
  path: string;
  body?: unknown;
  /** What the answer must look like. */
  answer: z.ZodType<T>;
  signal?: AbortSignal;
}

/** Where the API is, as the page was told by its server. */
export function apiUrl(): string {
  const configured = document.querySelector<HTMLMetaElement>('meta[name="api-url"]')?.content;
  return apiUrlFor(configured ?? "http://localhost:8787", location.hostname);
}

/**
 * One request to the API, its answer checked against the contract. Throws AppError: the API's own code and message
 * where it refused, `api.unreachable` where nothing answered, `api.unreadable` where the answer breaks the contract.
 */
export async function callApi<T>({ answer, ...request }: ApiRequest<T>): Promise<T> {
  const response = await send(request);
  const body: unknown = await response.json().catch(() => null);
  const parsed = answer.safeParse(body);
  if (parsed.success) return parsed.data;
  const detail = z.prettifyError(parsed.error);
  throw new AppError("api.unreadable", `The API's answer to ${request.path} is not what was agreed: ${detail}`);
}

/** As `callApi`, for answers of plain text. */
export async function callApiForText(request: Omit<ApiRequest<string>, "answer">): Promise<string> {
  return (await send(request)).text();
}

/** As `callApi`, for answers that are files. */
export async function callApiForBlob(request: Omit<ApiRequest<Blob>, "answer">): Promise<Blob> {
  return (await send(request)).blob();
}

async function send({ method = "GET", path, body, signal }: Omit<ApiRequest<unknown>, "answer">): Promise<Response> {
  const response = await fetch(apiUrl() + path, {
    method,
    headers: {
      authorization: `Bearer ${useAccess.getState().token ?? ""}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal ? { signal } : {}),
    cache: "no-store",
  }).catch((cause: unknown) => {
    if (cause instanceof DOMException && cause.name === "AbortError") throw cause;
    throw new AppError("api.unreachable", "The API server does not answer. Is it running?", { cause });
  });
  if (response.ok) return response;
  if (response.status === 401) refuseToken();
  throw await refusal(response);
}

async function refusal(response: Response): Promise<AppError> {
  const parsed = ErrorAnswer.safeParse(await response.json().catch(() => null));
  if (parsed.success) return new AppError(parsed.data.error.code, parsed.data.error.message);
  return new AppError("api.unreadable", `The API answered ${response.status} without saying why.`);
}
