// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { fireEvent, screen, waitFor } from "@testing-library/react";
import { expect, it } from "vitest";
import { deleteSession, updateSession } from "../../api/sessions-client.ts";
import { sessionStore } from "../../api/session-store.ts";
import { showFakeSession } from "../../testing/show-fake-session.tsx";
import { DeletedBar } from "./deleted-bar.tsx";

const api = showFakeSession(
  <QueryClientProvider client={new QueryClient()}>
    <DeletedBar />
  </QueryClientProvider>,
  async ({ session }) => {
    await deleteSession(session.id);
    await screen.findByText(/^This session is deleted/);
  },
);

it("says until when a deleted session is kept, and has it back", async () => {
  screen.getByText(/^This session is deleted\. Until \d+ \w+, \d\d:\d\d it can be had back/);
  fireEvent.click(screen.getByRole("button", { name: "Restore" }));
  await waitFor(() => expect(screen.queryByText(/^This session is deleted/)).toBeNull());
  expect(sessionStore(api().session.id).getState().session?.deletedAt).toBeNull();
});

it("offers no way back where what it held is gone, and says what is left", async () => {
  const eightDaysAgo = new Date(Date.now() - 8 * 24 * 60 * 60 * 1000).toISOString();
  await updateSession(api().session.id, { deletedAt: eightDaysAgo } as object);
  await screen.findByText(new RegExp(`${api().session.branch} is still in your repository`));
  expect(screen.queryByRole("button", { name: "Restore" })).toBeNull();
});
