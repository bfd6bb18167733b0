// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { AppRouterContext, type AppRouterInstance } from "next/dist/shared/lib/app-router-context.shared-runtime.js";
import { fireEvent, screen, waitFor } from "@testing-library/react";
import { expect, it } from "vitest";
import { deleteSession, updateSession } from "../../api/sessions-client.ts";
import { sessionStore } from "../../api/session-store.ts";
import { useSession } from "../../api/use-session.tsx";
import { showFakeSession } from "../../testing/show-fake-session.tsx";
import { DeletedBar } from "./deleted-bar.tsx";
import { SessionMenu } from "./session-menu.tsx";

const nothing = () => {};
const NOWHERE: AppRouterInstance = {
  ...{ back: nothing, forward: nothing, refresh: nothing, push: nothing, replace: nothing, prefetch: nothing },
  bfcacheId: "",
};

function Menu() {
  const session = useSession((state) => state.session);
  return (
    <AppRouterContext value={NOWHERE}>
      {session && <SessionMenu session={session} onRename={() => {}} />}
    </AppRouterContext>
  );
}

const api = showFakeSession(
  <QueryClientProvider client={new QueryClient()}>
    <DeletedBar />
    <Menu />
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

it("offers in the menu only what a deleted session takes, and all of it again once it is restored", async () => {
  const offered = async () => {
    fireEvent.pointerDown(screen.getByRole("button", { name: "More" }), { button: 0 });
    const items = await screen.findAllByRole("menuitem");
    fireEvent.keyDown(screen.getByRole("menu"), { key: "Escape" });
    await waitFor(() => expect(screen.queryByRole("menu")).toBeNull());
    return items.map(({ textContent }) => textContent);
  };
  expect(await offered()).toEqual(["Copy branch name"]);
  fireEvent.click(screen.getByRole("button", { name: "Restore" }));
  await waitFor(() => expect(screen.queryByText(/^This session is deleted/)).toBeNull());
  expect(await offered()).toEqual(expect.arrayContaining(["Rename", "Options…", "Delete"]));
});
