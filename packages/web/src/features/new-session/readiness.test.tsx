// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, expect, it } from "vitest";
import { useAccess } from "../../api/access-store.ts";
import { modelsQuery, repositoriesQuery } from "../../api/queries.ts";
import { AppError } from "../../lib/app-error.ts";
import { type FakeApi, startFakeApi } from "../../testing/fake-api.ts";
import { Readiness } from "./readiness.tsx";

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

it.each([
  ["repositories", repositoriesQuery.queryKey],
  ["models", modelsQuery.queryKey],
])("says why the %s could not be read, until they are", async (what, queryKey) => {
  // What failed is shown as it is, until somebody asks again.
  const client = new QueryClient({ defaultOptions: { queries: { retry: false, retryOnMount: false } } });
  const queryFn = () => Promise.reject(new AppError("api.unreadable", "The database is locked."));
  await client.prefetchQuery<unknown>({ queryKey: [...queryKey], queryFn });
  render(
    <QueryClientProvider client={client}>
      <Readiness repositoryActions={null} />
    </QueryClientProvider>,
  );
  await screen.findByText(`The ${what} could not be read`);
  screen.getByText("The database is locked.");
  fireEvent.click(screen.getByRole("button", { name: "Try again" }));
  await waitFor(() => expect(screen.queryByText(`The ${what} could not be read`)).toBeNull());
});
