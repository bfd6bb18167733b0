import { cleanup, render } from "@testing-library/react";
import type { ReactElement } from "react";
import { afterEach, beforeEach } from "vitest";
import { useAccess } from "../api/access-store.ts";
import { LiveSessionProvider } from "../api/use-session.tsx";
import { TooltipProvider } from "../ui/tooltip.tsx";
import { type FakeApi, startFakeApi } from "./fake-api.ts";

/**
 * For a file of tests: before each, the element on the page within the fake API's session, then what `begin` makes of
 * it; everything is taken down afterwards. Answers how to get at the API of the running test.
 */
export function showFakeSession(element: ReactElement, begin: (api: FakeApi) => Promise<void>): () => FakeApi {
  let api: FakeApi;
  beforeEach(async () => {
    api = await startFakeApi();
    document.head.innerHTML = `<meta name="api-url" content="${api.url}">`;
    useAccess.setState({ token: api.token, access: "granted" });
    render(
      <TooltipProvider>
        <LiveSessionProvider sessionId={api.session.id}>{element}</LiveSessionProvider>
      </TooltipProvider>,
    );
    await begin(api);
  });
  afterEach(async () => {
    cleanup();
    await api.close();
  });
  return () => api;
}
