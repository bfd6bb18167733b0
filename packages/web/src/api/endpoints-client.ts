import {
  EndpointAnswer,
  EndpointsAnswer,
  EndpointTestAnswer,
  type PutEndpointBody,
} from "@background-agents/shared/protocol/guard-commands";
import { callApi, callApiForText } from "./api-client.ts";

export async function listEndpoints() {
  return (await callApi({ path: "/api/endpoints", answer: EndpointsAnswer })).endpoints;
}

export async function putEndpoint(id: string, body: PutEndpointBody) {
  return (await callApi({ method: "PUT", path: `/api/endpoints/${id}`, body, answer: EndpointAnswer })).endpoint;
}

export async function removeEndpoint(id: string): Promise<void> {
  await callApiForText({ method: "DELETE", path: `/api/endpoints/${id}` });
}

/** One small call with the key at hand; what came of it, in words. */
export async function testEndpoint(id: string) {
  return callApi({ method: "POST", path: `/api/endpoints/${id}/test`, answer: EndpointTestAnswer });
}
