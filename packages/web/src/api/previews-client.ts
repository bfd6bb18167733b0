import type { SessionId } from "@background-agents/shared/ids";
import { PreviewAnswer } from "@background-agents/shared/protocol/guard-commands";
import { queryOptions } from "@tanstack/react-query";
import { callApi } from "./api-client.ts";

/** An address at which a port of the session's sandbox can be looked at. */
export async function openPreview(id: SessionId, port: number): Promise<string> {
  const path = `/api/sessions/${id}/previews`;
  return (await callApi({ method: "POST", path, body: { port }, answer: PreviewAnswer })).url;
}

/** Asked again now and then: a server that was started anew has given up the addresses from before. */
export const previewQuery = (id: SessionId, port: number) =>
  queryOptions({
    queryKey: ["session", id, "preview", port],
    queryFn: () => openPreview(id, port),
    refetchInterval: 10_000,
    retry: false,
  });
