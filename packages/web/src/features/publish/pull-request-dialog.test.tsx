// @vitest-environment happy-dom
import type { RemoteChoice } from "@background-agents/shared/protocol/publish-commands";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { fireEvent, screen, waitFor } from "@testing-library/react";
import { useState } from "react";
import { beforeEach, expect, it } from "vitest";
import { closeSessionDialog, useSessionDialog } from "../../api/session-dialog.ts";
import { showFakeSession } from "../../testing/show-fake-session.tsx";
import { PullRequestDialog } from "./pull-request-dialog.tsx";
import { PushDialog } from "./push-dialog.tsx";

/** Opened once the test has said what there is to propose. */
function Opener() {
  const [open, setOpen] = useState(false);
  const pushing = useSessionDialog(({ dialog }) => dialog?.kind === "push");
  if (pushing) return <PushDialog />;
  return open ? <PullRequestDialog /> : <button onClick={() => setOpen(true)}>Propose</button>;
}

const client = new QueryClient();
const api = showFakeSession(
  <QueryClientProvider client={client}>
    <Opener />
  </QueryClientProvider>,
  async () => {},
);
beforeEach(() => {
  localStorage.clear();
  closeSessionDialog();
});

function show(remotes: RemoteChoice[]): void {
  Object.assign(api().proposal, { remotes, remote: remotes[0]?.name ?? null, executed: [], title: "A thing" });
  fireEvent.click(screen.getByText("Propose"));
}

const remote = (given: Partial<RemoteChoice>): RemoteChoice => ({
  ...{ name: "origin", url: "/srv/example.git", repository: null, gh: null, compareUrl: null },
  ...{ branch: "agents/x", base: "main", bases: ["main"] },
  ...given,
});
const gitHub = (given: Partial<RemoteChoice> = {}): RemoteChoice =>
  remote({
    ...{ name: "github", url: "git@github.com:ada/example.git", repository: "ada/example" },
    ...{ gh: { host: "github.com", status: "ok", advice: null } },
    ...{ branch: "agents/y", base: "release", bases: ["release", "next"] },
    compareUrl: "https://github.com/ada/example/compare/release...agents/y?expand=1",
    ...given,
  });
const act = () => screen.getByRole<HTMLButtonElement>("button", { name: "Open pull request" });

it("goes to the one remote that takes pull requests where pushes go to another, with the branches of that one", async () => {
  show([remote({}), gitHub()]);
  await screen.findByText("agents/y → release. The branch is pushed first.");
  await waitFor(() => expect(act().disabled).toBe(false));
  fireEvent.click(act());
  await waitFor(() => expect(api().asked).toHaveLength(1));
  expect(api().asked).toMatchObject([{ verb: "pull-request", body: { remote: "github", base: "release" } }]);
});

it("takes each remote's own branches where one is chosen, and no base of another's", async () => {
  const other = gitHub({ name: "mine", url: "git@github.com:me/example.git", base: "main", bases: ["main"] });
  show([gitHub(), other]);
  fireEvent.click(await screen.findByLabelText("Into: release"));
  fireEvent.click(await screen.findByText("next"));
  await screen.findByText("agents/y → next. The branch is pushed first.");
  fireEvent.click(screen.getByRole("radio", { name: /^mine/ }));
  await screen.findByText("agents/y → main. The branch is pushed first.");
  fireEvent.click(act());
  await waitFor(() => expect(api().asked).toMatchObject([{ body: { remote: "mine", base: "main" } }]));
});

it.each([
  ["missing" as const, "gh is not installed on this machine", "Install it."],
  ["logged-out" as const, "gh is not logged in to github.com", "Run gh auth login."],
])("with gh %s says what to do, and where it goes without", async (status, title, advice) => {
  show([remote({}), gitHub({ gh: { host: "github.com", status, advice } })]);
  await screen.findByText(title);
  await screen.findByText(advice);
  const link = screen.getByRole<HTMLAnchorElement>("link", { name: /open it on the web/ });
  expect(link.href).toBe("https://github.com/ada/example/compare/release...agents/y?expand=1");
  expect(act().disabled).toBe(true);
});

it("leads to a push to the remote whose page takes the pull request, not to where pushes went", async () => {
  show([remote({}), gitHub({ gh: { host: "github.com", status: "logged-out", advice: null } })]);
  fireEvent.click(await screen.findByRole("button", { name: "push" }));
  const to = await screen.findByRole<HTMLInputElement>("radio", { name: /^github/ });
  expect(to.checked).toBe(true);
});

it("names the page of a host that gh knows nothing of", async () => {
  const compareUrl = "https://gitlab.com/ada/example/-/merge_requests/new";
  show([remote({ url: "git@gitlab.com:ada/example.git", compareUrl })]);
  const link = await screen.findByRole<HTMLAnchorElement>("link", { name: /open the pull request on the web/ });
  expect(link.href).toBe(compareUrl);
  expect(act().disabled).toBe(true);
  expect(screen.queryByText(/GitHub Enterprise/)).toBeNull();
});

it("says how gh gets to know a host that may be a GitHub Enterprise server", async () => {
  const gh = { host: "git.example.org", status: "logged-out", advice: "Run gh auth login there." } as const;
  show([remote({ url: "git@git.example.org:ada/example.git", gh })]);
  await screen.findByText("If git.example.org is a GitHub Enterprise server: Run gh auth login there.");
  expect(act().disabled).toBe(true);
});

it("says that there is no remote at all", async () => {
  show([]);
  await screen.findByText(/The repository has no remote/);
  expect(act().disabled).toBe(true);
});
