// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, expect, it } from "vitest";
import { useAccess } from "../../api/access-store.ts";
import { startJob } from "../../api/publish-client.ts";
import { useSessionDialog } from "../../api/session-dialog.ts";
import { sessionStore } from "../../api/session-store.ts";
import { LiveSessionProvider } from "../../api/use-session.tsx";
import { type FakeApi, startFakeApi } from "../../testing/fake-api.ts";
import { JobTray } from "./job-tray.tsx";

let api: FakeApi;

beforeEach(async () => {
  api = await startFakeApi();
  document.head.innerHTML = `<meta name="api-url" content="${api.url}">`;
  useAccess.setState({ token: api.token, access: "granted" });
  render(
    <LiveSessionProvider sessionId={api.session.id}>
      <JobTray />
    </LiveSessionProvider>,
  );
  // What is sent before the socket is up would be missed: a job that has ended is in no snapshot.
  await waitFor(() => {
    if (!sessionStore(api.session.id).getState().session) throw new Error("The socket is not up yet.");
  });
});

afterEach(async () => {
  cleanup();
  await api.close();
});

const push = (branch: string) => startJob(api.session.id, { kind: "push", body: { remote: "origin", branch } });

it("shows what came of a job, with its log, until it is put away", async () => {
  await push("agents/x");
  await screen.findByText(/^Pushed agents\/x to origin/);
  fireEvent.click(screen.getByRole("button", { name: "Log" }));
  expect(screen.getByLabelText("Log", { selector: "pre" }).textContent).toContain("Compressing objects");
  fireEvent.click(screen.getByRole("button", { name: "Put away" }));
  expect(screen.queryByRole("region", { name: "Job" })).toBeNull();
});

it("says why a job failed and what to do, and does it again as it was asked", async () => {
  const first = await push("fail");
  await screen.findByText(/Permission denied/);
  screen.getByText(/Add a key that may write/);
  expect(screen.getByRole("link", { name: "github.com" }).getAttribute("href")).toContain("/compare/main...");
  fireEvent.click(screen.getByRole("button", { name: "Try again" }));
  const jobs = () => Object.values(sessionStore(api.session.id).getState().jobs);
  await expect.poll(() => jobs().filter((job) => job?.status === "failed").length).toBe(2);
  expect(jobs().map((job) => job?.summary)).toEqual(["push fail to origin", "push fail to origin"]);
  expect(jobs().map((job) => job?.id)).toContain(first.id);
  expect(useSessionDialog.getState().dialog).toBeNull();
});
