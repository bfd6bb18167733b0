// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { fireEvent, screen, waitFor } from "@testing-library/react";
import { expect, it } from "vitest";
import { deleteSession } from "../../api/sessions-client.ts";
import { showFakeSession } from "../../testing/show-fake-session.tsx";
import { Toaster } from "../../ui/toast.tsx";
import { Composer } from "./composer.tsx";

/** Nothing is asked on this port: a request to it fails at once. */
const NOBODY = "http://127.0.0.1:1";

const api = showFakeSession(
  <QueryClientProvider client={new QueryClient()}>
    <Composer />
    <Toaster />
  </QueryClientProvider>,
  async () => void (await screen.findByRole("textbox", { name: "Prompt" })),
);

it("brings back a prompt that was not sent, and keeps what was written since", async () => {
  const field = screen.getByRole<HTMLTextAreaElement>("textbox", { name: "Prompt" });
  document.head.innerHTML = `<meta name="api-url" content="${NOBODY}">`;
  fireEvent.change(field, { target: { value: "Add a test" } });
  fireEvent.click(screen.getByRole("button", { name: /^Send/ }));
  expect(field.value).toBe("");
  fireEvent.change(field, { target: { value: "Then run it" } });
  await screen.findByText("The API server does not answer. Is it running?");
  expect(field.value).toBe("Add a test\n\nThen run it");
});

it("asks for nothing while the session is deleted", async () => {
  await deleteSession(api().session.id);
  await waitFor(() => expect(screen.queryByRole("textbox", { name: "Prompt" })).toBeNull());
});
