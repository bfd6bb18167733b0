// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen, waitFor, within } from "@testing-library/react";
import { afterEach, beforeEach, expect, it } from "vitest";
import { useAccess } from "../../api/access-store.ts";
import { deleteSession } from "../../api/sessions-client.ts";
import { type FakeApi, startFakeApi } from "../../testing/fake-api.ts";
import { Toaster } from "../../ui/toast.tsx";
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

const show = () =>
  render(
    <QueryClientProvider client={new QueryClient()}>
      <ArchivedPage />
      <Toaster />
    </QueryClientProvider>,
  );

it("says that the archive is being read until it is", async () => {
  show();
  screen.getByText("Reading the archive…");
  await screen.findByText("Try the new bundler");
  expect(screen.queryByText("Reading the archive…")).toBeNull();
});

it("shows what was deleted and until when it is kept, and has it back", async () => {
  await deleteSession(api.session.id);
  show();
  const deleted = await screen.findByRole("region", { name: "Deleted" });
  within(deleted).getByRole("link", { name: /Rate-limit the public API/ });
  within(deleted).getByText(/^until \d+ \w+, \d\d:\d\d$/);
  fireEvent.click(within(deleted).getByRole("button", { name: "Restore “Rate-limit the public API”" }));
  await screen.findByText("“Rate-limit the public API” is back in the list");
  await waitFor(() => expect(screen.queryByRole("region", { name: "Deleted" })).toBeNull());
  expect(api.session.deletedAt).toBeNull();
});
