// @vitest-environment happy-dom
import { newId } from "@background-agents/shared/ids";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, fireEvent, screen } from "@testing-library/react";
import { expect, it } from "vitest";
import { sendPrompt } from "../../api/sessions-client.ts";
import { sessionStore } from "../../api/session-store.ts";
import { showFakeSession } from "../../testing/show-fake-session.tsx";
import { PreviewPanel } from "./preview-panel.tsx";

const api = showFakeSession(
  <QueryClientProvider client={new QueryClient()}>
    <PreviewPanel />
  </QueryClientProvider>,
  async ({ session }) => {
    await screen.findByText("The sandbox does not run");
    await sendPrompt(session.id, { id: newId("prompt"), text: "guard me" });
    await screen.findByTitle("Preview of port 5173");
  },
);

const frame = () => screen.getByTitle("Preview of port 5173");
const setPorts = (ports: { port: number; command: string | null }[]) =>
  act(() => sessionStore(api().session.id).setState({ ports }));

it("shows the port in a frame that is kept from the page", () => {
  expect(frame().getAttribute("src")).toBe("http://p5173.localhost:8788/");
  expect(frame().getAttribute("sandbox")).toBe("allow-scripts allow-same-origin allow-forms");
  const link = screen.getByRole("link", { name: "Open in a tab of its own" });
  expect(link.getAttribute("rel")).toBe("noopener noreferrer");
});

it.each([
  ["settings?tab=2", "http://p5173.localhost:8788/settings?tab=2"],
  ["//evil.example/", "http://p5173.localhost:8788/evil.example/"],
  ["http://localhost:5173/a#b", "http://p5173.localhost:8788/a#b"],
  ["localhost:5173/settings", "http://p5173.localhost:8788/settings"],
  ["http://localhost:5173//", "http://p5173.localhost:8788/"],
  ["http://localhost:5173//evil.example/x", "http://p5173.localhost:8788/evil.example/x"],
  ["http://localhost:5173", "http://p5173.localhost:8788/"],
  ["\\\\evil.example/", "http://p5173.localhost:8788/evil.example/"],
  ["/\t/evil.example", "http://p5173.localhost:8788/evil.example"],
  [":1:2", "http://p5173.localhost:8788/:1:2"],
])("goes to %s within the application only", (typed, address) => {
  const field = screen.getByRole("textbox", { name: "Path" });
  fireEvent.change(field, { target: { value: typed } });
  fireEvent.submit(field);
  expect(frame().getAttribute("src")).toBe(address);
  expect(screen.getByRole("link").getAttribute("href")).toBe(address);
});

it("says when the port is gone, keeps it, and loads it anew when it is back", () => {
  const before = frame();
  setPorts([{ port: 3000, command: null }]);
  expect(screen.getByRole("status").textContent).toBe("Nothing listens on port 5173 any more.");
  expect(frame()).toBe(before);
  expect(screen.getAllByRole("option").map(({ textContent }) => textContent)).toEqual(["5173", "3000"]);
  setPorts([{ port: 5173, command: null }]);
  expect(screen.queryByRole("status")).toBeNull();
  expect(frame()).not.toBe(before);
});

it("shows another port on asking", async () => {
  setPorts([
    { port: 3000, command: "/usr/bin/python3 -m http.server 3000" },
    { port: 5173, command: "/usr/local/bin/node --disable-warning=X app.mjs" },
  ]);
  const names = screen.getAllByRole("option").map(({ textContent }) => textContent);
  expect(names).toEqual(["3000 · python3 -m http.server 3000", "5173 · node app.mjs"]);
  fireEvent.change(screen.getByRole("combobox", { name: "Port" }), { target: { value: "3000" } });
  screen.getByText("Opening the preview…");
  await screen.findByTitle("Preview of port 3000");
  expect(screen.queryByText("Opening the preview…")).toBeNull();
});
