// @vitest-environment happy-dom
import type { RepositoryId } from "@background-agents/shared/ids";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, type RenderResult, screen, waitFor, within } from "@testing-library/react";
import type { ReactElement } from "react";
import { afterEach, beforeEach, expect, it } from "vitest";
import { useAccess } from "../../api/access-store.ts";
import { readSettings, updateSettings } from "../../api/guard-client.ts";
import { listSecrets } from "../../api/secrets-client.ts";
import { findSetting } from "../../lib/setting-value.ts";
import { type FakeApi, startFakeApi } from "../../testing/fake-api.ts";
import { Toaster } from "../../ui/toast.tsx";
import { TooltipProvider } from "../../ui/tooltip.tsx";
import { SettingsProvider } from "./form/use-settings.tsx";
import { ModelsRoom } from "./models/models-room.tsx";
import { NetworkRoom } from "./network-room.tsx";
import { SandboxRoom } from "./sandbox-room.tsx";
import { SecretsRoom } from "./secrets/secrets-room.tsx";
import { SetupRoom } from "./setup-room.tsx";
import { UsageRoom } from "./usage-room.tsx";

/** Nothing is asked on this port: a request to it fails at once. */
const NOBODY = "http://127.0.0.1:1";

let api: FakeApi;

beforeEach(async () => {
  api = await startFakeApi();
  document.head.innerHTML = `<meta name="api-url" content="${api.url}">`;
  useAccess.setState({ token: api.token, access: "granted" });
});

afterEach(async () => {
  // The page's notes outlive what it shows.
  for (const button of screen.queryAllByRole("button", { name: "Dismiss" })) fireEvent.click(button);
  cleanup();
  await api.close();
});

function show(room: ReactElement, repository: RepositoryId | null = null, retry = true): RenderResult {
  return render(
    <QueryClientProvider client={new QueryClient(retry ? {} : { defaultOptions: { queries: { retry: false } } })}>
      <TooltipProvider>
        <SettingsProvider repository={repository}>{room}</SettingsProvider>
        <Toaster />
      </TooltipProvider>
    </QueryClientProvider>,
  );
}

function add(field: HTMLElement, text: string): void {
  fireEvent.change(field, { target: { value: text } });
  fireEvent.keyDown(field, { key: "Enter" });
}

const stored = async (repository: RepositoryId | null = null) =>
  findSetting((await readSettings(repository)).settings, "network.hosts");

it("stores what is added, says where it comes from, and takes it back by undo", async () => {
  show(<NetworkRoom />);
  const row = await screen.findByRole("region", { name: "Hosts" });
  within(row).getByText("default");
  add(within(row).getByRole("textbox"), "https://API.stripe.com/v1, *.example.org");
  await within(row).findByText("set here");
  await screen.findByText("Hosts: saved");
  expect(await stored()).toMatchObject({ value: ["api.stripe.com", "*.example.org"], source: "global" });
  fireEvent.click(screen.getByRole("button", { name: "Undo" }));
  await waitFor(async () => expect(await stored()).toMatchObject({ value: [], source: "default" }));
  await within(row).findByText("default");
});

it("says why an undo was refused, also where its room was left", async () => {
  const page = show(<NetworkRoom />);
  const row = await screen.findByRole("region", { name: "Hosts" });
  add(within(row).getByRole("textbox"), "api.stripe.com");
  await screen.findByText("Hosts: saved");
  page.rerender(<Toaster />);
  document.head.innerHTML = `<meta name="api-url" content="${NOBODY}">`;
  fireEvent.click(screen.getByRole("button", { name: "Undo" }));
  await screen.findByText("Hosts could not be taken back: The API server does not answer. Is it running?");
});

it.each([
  ["settings", <NetworkRoom key="network" />, "Reading the settings…"],
  ["endpoints", <ModelsRoom key="models" />, "Reading the endpoints…"],
  ["usage", <UsageRoom key="usage" />, "Counting…"],
])("says that the %s are being read until they are", async (_name, room, words) => {
  show(room);
  screen.getByText(words);
  await waitFor(() => expect(screen.queryByText(words)).toBeNull());
});

it("says why the settings cannot be read, and reads them once asked again", async () => {
  document.head.innerHTML = `<meta name="api-url" content="${NOBODY}">`;
  show(<NetworkRoom />, null, false);
  await screen.findByText("The settings could not be read");
  screen.getByText("The API server does not answer. Is it running?");
  document.head.innerHTML = `<meta name="api-url" content="${api.url}">`;
  fireEvent.click(screen.getByRole("button", { name: "Try again" }));
  await screen.findByRole("region", { name: "Hosts" });
});

it("says beside the field what cannot be on the list, and stores nothing", async () => {
  show(<NetworkRoom />);
  const row = await screen.findByRole("region", { name: "Hosts" });
  add(within(row).getByRole("textbox"), "10.0.0.1");
  expect(within(row).getByRole("alert").textContent).toMatch(/“10.0.0.1” must be a host name/);
  expect(await stored()).toMatchObject({ value: [] });
});

it("shows a repository what all have, and stores only what is its own", async () => {
  await updateSettings({ values: { "network.hosts": ["shared.example.com"] } });
  const { id } = api.session.repository;
  show(<NetworkRoom />, id);
  const row = await screen.findByRole("region", { name: "Hosts" });
  within(row).getByText("From all repositories: 1");
  add(within(row).getByRole("textbox"), "own.example.com");
  await screen.findByText("Hosts: saved");
  expect(within(row).queryByRole("button", { name: "Take shared.example.com off the list" })).toBeNull();
  expect(await stored(id)).toMatchObject({ value: ["shared.example.com", "own.example.com"] });
  fireEvent.click(within(row).getByRole("button", { name: "Take back" }));
  await waitFor(async () => expect(await stored(id)).toMatchObject({ value: ["shared.example.com"] }));
});

it("shows what the server has against a value, and what holds still", async () => {
  show(<SandboxRoom />);
  const row = await screen.findByRole("region", { name: "Runtime" });
  const field = within(row).getByRole("textbox");
  fireEvent.change(field, { target: { value: "r".repeat(101) } });
  fireEvent.click(within(row).getByRole("button", { name: "Save" }));
  await within(row).findByRole("alert");
  within(row).getByText("default");
  fireEvent.click(within(row).getByRole("button", { name: "Discard" }));
  expect(within(row).getByRole<HTMLInputElement>("textbox").value).toBe("");
});

it("tells whether an endpoint answers, in words", async () => {
  show(<ModelsRoom />);
  fireEvent.click(await screen.findByRole("button", { name: "Test Anthropic" }));
  await screen.findByText("It answers and offers 2 models.");
  screen.getByText("Key from .env ANTHROPIC_API_KEY, ends in x7Qa");
  // There is nothing to test with: what is missing is what is offered.
  expect(screen.queryByRole("button", { name: "Test OpenAI" })).toBeNull();
  expect(screen.getByRole("button", { name: "Change OpenAI" }).textContent).toBe("Set a key");
  // An answer is of the endpoint as it was asked.
  fireEvent.click(screen.getByRole("button", { name: "Change Anthropic" }));
  await waitFor(() => expect(screen.queryByText("It answers and offers 2 models.")).toBeNull());
});

it("offers to undo only the last change of a setting", async () => {
  show(<NetworkRoom />);
  const row = await screen.findByRole("region", { name: "Hosts" });
  for (const host of ["one.example.com", "two.example.com"]) {
    add(within(row).getByRole("textbox"), host);
    await within(row).findByRole("button", { name: `Take ${host} off the list` });
    await waitFor(async () => expect((await stored())?.value).toContain(host));
  }
  await waitFor(() => expect(screen.getAllByText("Hosts: saved")).toHaveLength(1));
  fireEvent.click(screen.getByRole("button", { name: "Undo" }));
  await waitFor(async () => expect(await stored()).toMatchObject({ value: ["one.example.com"] }));
});

it("keeps a script that was written where Escape is pressed, and while one looks elsewhere", async () => {
  const { unmount } = show(<SetupRoom />, api.session.repository.id);
  const field = await screen.findByRole<HTMLTextAreaElement>("textbox", { name: "Setup script" });
  fireEvent.change(field, { target: { value: "npm ci" } });
  fireEvent.keyDown(field, { key: "Escape" });
  expect(field.value).toBe("npm ci");
  unmount();
  show(<SetupRoom />, api.session.repository.id);
  const again = await screen.findByRole<HTMLTextAreaElement>("textbox", { name: "Setup script" });
  expect(again.value).toBe("npm ci");
  fireEvent.click(screen.getByRole("button", { name: "Discard" }));
  expect(again.value).toBe("");
});

it("imports of a file only what is left chosen", async () => {
  show(<SecretsRoom />);
  fireEvent.click(await screen.findByRole("button", { name: "Import a .env file" }));
  fireEvent.change(screen.getByLabelText("Or its text"), { target: { value: "A_KEY=1\nB_KEY=2\nPATH=/bin\noops" } });
  fireEvent.click(screen.getByRole("button", { name: "Look" }));
  fireEvent.click(await screen.findByRole("checkbox", { name: /B_KEY/ }));
  screen.getByText(/PATH is reserved/);
  screen.getByText("2 new, 1 left out, 1 line not understood");
  expect(screen.getAllByText(/too short to be blotted out/)).toHaveLength(2);
  screen.getByText("Not understood: line 4");
  fireEvent.click(screen.getByRole("button", { name: "Import 1 secret" }));
  await screen.findByText("1 secret imported");
  const names = (await listSecrets(null)).map(({ name }) => name);
  expect(names).toContain("A_KEY");
  expect(names).not.toContain("B_KEY");
});

it("says that a chosen file cannot be read", async () => {
  show(<SecretsRoom />);
  fireEvent.click(await screen.findByRole("button", { name: "Import a .env file" }));
  const gone = new File(["A_KEY=1"], "gone.env");
  gone.text = () => Promise.reject(new DOMException("It is not there any more.", "NotFoundError"));
  fireEvent.change(screen.getByLabelText("A file"), { target: { files: [gone] } });
  await screen.findByText("gone.env could not be read. Choose it again, or paste its text.");
});

it("asks once more before it deletes a secret", async () => {
  show(<SecretsRoom />);
  const button = await screen.findByRole("button", { name: "Delete SENTRY_DSN" });
  fireEvent.click(button);
  expect((await listSecrets(null)).map(({ name }) => name)).toContain("SENTRY_DSN");
  fireEvent.click(button);
  await screen.findByText("SENTRY_DSN is deleted");
  expect((await listSecrets(null)).map(({ name }) => name)).not.toContain("SENTRY_DSN");
});
