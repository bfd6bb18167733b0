// @vitest-environment happy-dom
import { fireEvent, screen, waitFor } from "@testing-library/react";
import { newId } from "@background-agents/shared/ids";
import { expect, it } from "vitest";
import { sendPrompt } from "../../api/sessions-client.ts";
import { sessionStore } from "../../api/session-store.ts";
import { showFakeSession } from "../../testing/show-fake-session.tsx";
import { Asking } from "./asking.tsx";

const api = showFakeSession(<Asking />, async (fake) => {
  await sendPrompt(fake.session.id, { id: newId("prompt"), text: "push it" });
  await screen.findByRole("region", { name: "The agent asks for approval" });
});

const given = () =>
  sessionStore(api().session.id)
    .getState()
    .events.flatMap((event) => (event.type === "approval.answered" ? [event.data] : []));

it("shows what would be done, and allows nothing by a stray key", async () => {
  screen.getByText("git@github.com:acme/api.git");
  screen.getByText("Test the 61st request");
  screen.getByText(".github/workflows/ci.yml: GitHub Actions runs it");
  fireEvent.keyDown(window, { key: "1" });
  fireEvent.keyDown(window, { key: "Enter", ctrlKey: true });
  expect(document.activeElement?.textContent).toMatch(/^Allow once/);
  expect(given()).toEqual([]);
  fireEvent.click(screen.getByRole("button", { name: /^Allow once/ }));
  await waitFor(() => expect(given()).toMatchObject([{ outcome: "allowed" }]));
  await waitFor(() => expect(screen.queryByRole("region")).toBeNull());
  expect(api().session.agentPush).toBe("ask");
});

it("remembers for the session", async () => {
  fireEvent.click(screen.getByRole("button", { name: /^Always in this session/ }));
  await waitFor(() => expect(given()).toMatchObject([{ outcome: "allowed" }]));
  expect(api().session.agentPush).toBe("auto");
});

it("refuses with a reason for the agent", async () => {
  fireEvent.click(screen.getByRole("button", { name: /^Refuse/ }));
  const reason = screen.getByRole("textbox", { name: "Why not" });
  fireEvent.change(reason, { target: { value: "not before I have read it" } });
  fireEvent.keyDown(reason, { key: "Enter" });
  await waitFor(() => expect(given()).toMatchObject([{ outcome: "refused", message: "not before I have read it" }]));
});
