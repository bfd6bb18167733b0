// @vitest-environment happy-dom
import { newId } from "@background-agents/shared/ids";
import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { afterEach, expect, it } from "vitest";
import { AppError } from "../../lib/app-error.ts";
import { Toaster } from "../../ui/toast.tsx";
import { QueuedPrompt } from "./queued-prompt.tsx";

afterEach(cleanup);

const prompt = {
  ...{ id: newId("prompt"), text: "Add a test", mode: "queue" as const },
  ...{ model: "demo/scripted", effort: null, at: "2026-11-23T10:00:00.000Z" },
};
const ignore = () => {};

it("keeps a change of its text that was refused, until it is taken", async () => {
  const asked: string[] = [];
  let refuses = true;
  async function onEdit(text: string): Promise<void> {
    asked.push(text);
    if (refuses) throw new AppError("api.unreachable", "The API server does not answer.");
  }
  render(
    <>
      <QueuedPrompt
        {...{ prompt, onEdit, word: "Next", isFirst: true, isLast: true, onStep: ignore, onCancel: ignore }}
        drag={{ active: false, start: ignore, end: ignore, drop: ignore }}
      />
      <Toaster />
    </>,
  );
  fireEvent.click(screen.getByRole("button", { name: "Edit this prompt" }));
  const field = () => screen.queryByRole<HTMLTextAreaElement>("textbox", { name: "Text of the queued prompt" });
  fireEvent.change(screen.getByRole("textbox"), { target: { value: "Add two tests" } });
  fireEvent.click(screen.getByRole("button", { name: /^Save/ }));
  await screen.findByText("The API server does not answer.");
  expect(field()?.value).toBe("Add two tests");
  refuses = false;
  fireEvent.click(screen.getByRole("button", { name: /^Save/ }));
  await waitFor(() => expect(field()).toBeNull());
  expect(asked).toEqual(["Add two tests", "Add two tests"]);
});
