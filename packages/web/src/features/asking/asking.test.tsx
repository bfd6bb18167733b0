// @vitest-environment happy-dom
import { fireEvent, screen, waitFor } from "@testing-library/react";
import { newId } from "@background-agents/shared/ids";
import { expect, it } from "vitest";
import { sendPrompt } from "../../api/sessions-client.ts";
import { sessionStore } from "../../api/session-store.ts";
import { showFakeSession } from "../../testing/show-fake-session.tsx";
import { Asking } from "./asking.tsx";

const api = showFakeSession(<Asking />, async (fake) => {
  await sendPrompt(fake.session.id, { id: newId("prompt"), text: "ask me first" });
  await screen.findByRole("region", { name: "The agent asks" });
});

const press = (key: string, more: KeyboardEventInit = {}) => fireEvent.keyDown(window, { key, ...more });
const given = () =>
  sessionStore(api().session.id)
    .getState()
    .events.flatMap((event) =>
      event.type === "question.answered" || event.type === "permission.answered" ? [event.data] : [],
    );

it("is answered with the keyboard alone: questions, then a permission refused with a reason", async () => {
  expect(screen.getByRole<HTMLButtonElement>("button", { name: /^Answer/ }).disabled).toBe(true);
  press("2");
  press("3");
  press("1");
  press("Enter", { ctrlKey: true });
  await screen.findByRole("region", { name: "The agent asks for permission" });
  press("1");
  expect(document.activeElement?.textContent).toMatch(/^Once/);
  press("3");
  expect(document.activeElement?.textContent).toMatch(/^Reject/);
  fireEvent.click(screen.getByRole("button", { name: /^Reject/ }));
  const reason = screen.getByRole("textbox", { name: "Why not" });
  fireEvent.change(reason, { target: { value: "keep dist" } });
  expect(given()).toHaveLength(1);
  fireEvent.keyDown(reason, { key: "Enter" });
  await waitFor(() => expect(screen.queryByRole("region")).toBeNull());
  await waitFor(() => expect(given()).toHaveLength(2));
  expect(given()).toMatchObject([
    { answers: [["Drop it now"], ["Unit tests", "A dry run on a copy"]] },
    { reply: "reject", message: "keep dist" },
  ]);
});

it("takes words of one's own, and no answer at all", async () => {
  fireEvent.change(screen.getByRole("textbox"), { target: { value: "ask me in May" } });
  expect(screen.getAllByRole<HTMLInputElement>("radio").map(({ checked }) => checked)).toEqual([false, false, false]);
  fireEvent.click(screen.getByRole("button", { name: "Won’t answer" }));
  await screen.findByRole("region", { name: "The agent asks for permission" });
  await waitFor(() => expect(given()).toMatchObject([{ answers: null }]));
});
