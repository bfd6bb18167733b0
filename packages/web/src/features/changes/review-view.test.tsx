// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, it } from "vitest";
import { useAccess } from "../../api/access-store.ts";
import { LiveSessionProvider } from "../../api/use-session.tsx";
import { type FakeApi, startFakeApi } from "../../testing/fake-api.ts";
import { TooltipProvider } from "../../ui/tooltip.tsx";
import { ReviewView } from "./review-view.tsx";

let api: FakeApi;

beforeEach(async () => {
  api = await startFakeApi({ files: [] });
  document.head.innerHTML = `<meta name="api-url" content="${api.url}">`;
  useAccess.setState({ token: api.token, access: "granted" });
});

afterEach(async () => {
  cleanup();
  await api.close();
});

it("says that the changes are being read until they are", async () => {
  render(
    <QueryClientProvider client={new QueryClient()}>
      <TooltipProvider>
        <LiveSessionProvider sessionId={api.session.id}>
          <ReviewView />
        </LiveSessionProvider>
      </TooltipProvider>
    </QueryClientProvider>,
  );
  screen.getByText("Reading the changes…");
  await screen.findByText("No changes");
  expect(screen.queryByText("Reading the changes…")).toBeNull();
});
