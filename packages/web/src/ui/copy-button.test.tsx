// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, it } from "vitest";
import { CopyButton } from "./copy-button.tsx";
import { Toaster } from "./toast.tsx";

function giveClipboard(value: Pick<Clipboard, "writeText"> | undefined): void {
  Object.defineProperty(navigator, "clipboard", { value, configurable: true });
}

beforeEach(() => {
  render(
    <>
      <CopyButton text="agents/x" label="Copy branch name" />
      <CopyButton text={"one\ntwo"} label="Copy the code" />
      <Toaster />
    </>,
  );
});
afterEach(cleanup);

it("says that it copied", async () => {
  let copied = "";
  giveClipboard({ writeText: async (text) => void (copied = text) });
  fireEvent.click(screen.getByRole("button", { name: "Copy branch name" }));
  await screen.findByRole("button", { name: "Copied" });
  expect(copied).toBe("agents/x");
});

it.each([
  ["the browser refuses", { writeText: () => Promise.reject(new DOMException("not allowed", "NotAllowedError")) }],
  ["there is no clipboard", undefined],
])("shows what it could not copy where %s", async (_name, clipboard) => {
  giveClipboard(clipboard);
  fireEvent.click(screen.getByRole("button", { name: "Copy branch name" }));
  await screen.findByText("The browser does not let this page copy. Select it yourself: agents/x");
  screen.getByRole("button", { name: "Copy branch name" });
  fireEvent.click(screen.getByRole("button", { name: "Dismiss" }));
});

it("does not fill the page with a long text that it could not copy", async () => {
  giveClipboard(undefined);
  fireEvent.click(screen.getByRole("button", { name: "Copy the code" }));
  await screen.findByText("The browser does not let this page copy. Select it yourself.");
});
