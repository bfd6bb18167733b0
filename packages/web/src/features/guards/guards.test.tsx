// @vitest-environment happy-dom
import { newId } from "@background-agents/shared/ids";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { expect, it } from "vitest";
import { updateSettings } from "../../api/guard-client.ts";
import { sendPrompt } from "../../api/sessions-client.ts";
import { sessionStore } from "../../api/session-store.ts";
import { showFakeSession } from "../../testing/show-fake-session.tsx";
import { Guards } from "./guards.tsx";

const api = showFakeSession(
  <QueryClientProvider client={new QueryClient()}>
    <Guards />
  </QueryClientProvider>,
  async ({ session }) => {
    await sendPrompt(session.id, { id: newId("prompt"), text: "guard me" });
    await screen.findByRole("region", { name: "Budget reached" });
    await screen.findByText("4 hosts were refused");
  },
);

const session = () => sessionStore(api().session.id).getState();
const hosts = () => screen.getByRole("region", { name: "Refused hosts" });
const shown = () => within(hosts()).getAllByRole("listitem");

it("shows one refused host and the rest on asking, those first that can be let through", () => {
  expect(shown()).toHaveLength(1);
  within(hosts()).getByText("cdn.example.org");
  fireEvent.click(screen.getByRole("button", { name: "Show all" }));
  expect(shown()).toHaveLength(4);
  const last = shown().at(-1);
  expect(last?.textContent).toContain("10.0.0.5:5432");
  expect(last && within(last).queryByRole("button", { name: /Allow/ })).toBeNull();
});

it("lets a host through for as long as was chosen, and tells nothing twice", async () => {
  fireEvent.click(screen.getByRole("button", { name: "This repository: cdn.example.org" }));
  await screen.findByText("3 hosts were refused");
  const allowed = session().events.flatMap((event) => (event.type === "egress.allowed" ? [event.data] : []));
  expect(allowed).toEqual([
    { requestId: "egr-cdn.example.org", host: "cdn.example.org", port: 443, scope: "repository" },
  ]);
});

it("puts all away at once", async () => {
  fireEvent.click(screen.getByRole("button", { name: "Put all away" }));
  await waitFor(() => expect(screen.queryByRole("region", { name: "Refused hosts" })).toBeNull());
  expect(session().events.filter(({ type }) => type === "egress.dismissed")).toHaveLength(4);
  expect(session().events.some(({ type }) => type === "egress.allowed")).toBe(false);
});

it("raises the budget with one click, and leaves the other limits as they were", async () => {
  fireEvent.click(screen.getByRole("button", { name: "Raise to $10.00" }));
  await waitFor(() => expect(session().session?.budgetReached).toBeNull());
  expect(session().session?.budget).toEqual({ usd: 10 });
});

it("raises the budget from what holds by then, not from what the page has read before", async () => {
  await updateSettings({ values: { "budget.session": { usd: 5, tokens: 3_000_000 } } });
  fireEvent.click(screen.getByRole("button", { name: "Raise to $10.00" }));
  await waitFor(() => expect(session().session?.budget).toEqual({ usd: 10, tokens: 3_000_000 }));
});

it("takes no limit that is used already", async () => {
  fireEvent.click(screen.getByRole("button", { name: "Another limit…" }));
  const field = screen.getByRole("textbox", { name: "New limit: money" });
  fireEvent.change(field, { target: { value: "5.01" } });
  fireEvent.keyDown(field, { key: "Enter" });
  expect(screen.getByRole("alert").textContent).toContain("more than $5.02");
  expect(session().session?.budgetReached).not.toBeNull();
  fireEvent.change(field, { target: { value: "5.50" } });
  fireEvent.keyDown(field, { key: "Enter" });
  await waitFor(() => expect(session().session?.budget).toEqual({ usd: 5.5 }));
});
