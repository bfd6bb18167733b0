// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, it } from "vitest";
import { useAccess } from "../../api/access-store.ts";
import { type FakeApi, startFakeApi } from "../../testing/fake-api.ts";
import { ArchivedPage } from "./archived-page.tsx";

let api: FakeApi;

beforeEach(async () => {
  api = await startFakeApi();
  document.head.innerHTML = `<meta name="api-url" content="${api.url}">`;
  useAccess.setState({ token: api.token, access: "granted" });
});

afterEach(async () => {
  cleanup();
  await api.close();
});

it("says that the archive is being read until it is", async () => {
  render(
    <QueryClientProvider client={new QueryClient()}>
      <ArchivedPage />
    </QueryClientProvider>,
  );
  screen.getByText("Reading the archive…");
  await screen.findByText("Try the new bundler");
  expect(screen.queryByText("Reading the archive…")).toBeNull();
});
