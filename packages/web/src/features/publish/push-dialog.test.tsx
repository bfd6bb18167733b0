// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { fireEvent, screen, waitFor } from "@testing-library/react";
import { expect, it } from "vitest";
import { startJob } from "../../api/publish-client.ts";
import { useSession } from "../../api/use-session.tsx";
import { showFakeSession } from "../../testing/show-fake-session.tsx";
import { PushDialog } from "./push-dialog.tsx";

const WORDS = "Looking at the work and where it can go…";

/** Asked for once a push told where the next one goes. */
function NextPush() {
  const pushed = useSession(({ session }) => session !== null && session.push !== null);
  return pushed ? <PushDialog /> : null;
}

const api = showFakeSession(
  <QueryClientProvider client={new QueryClient()}>
    <NextPush />
  </QueryClientProvider>,
  async () => {},
);

it("says what it looks at, and pushes nothing before it knows what is to be read first", async () => {
  await startJob(api().session.id, { kind: "push", body: { remote: "origin", branch: "agents/x" } });
  await screen.findByText(WORDS);
  const button = screen.getByRole<HTMLButtonElement>("button", { name: "Push" });
  expect(button.disabled).toBe(true);
  await waitFor(() => expect(screen.queryByText(WORDS)).toBeNull());
  await screen.findByText("origin");
});

it("asks again for what came while the dialog was open, and keeps what was typed", async () => {
  await startJob(api().session.id, { kind: "push", body: { remote: "origin", branch: "agents/x" } });
  const confirm = async () => fireEvent.click(await screen.findByRole("checkbox"));
  const push = () => fireEvent.click(screen.getByRole("button", { name: "Push" }));
  await confirm();
  fireEvent.change(screen.getByRole("textbox"), { target: { value: "agents/mine" } });
  // A turn ends.
  const [commit] = [(api().session.lastCommit = "f".repeat(40))];
  const path = ".github/workflows/x.yml";
  api().proposal.executed = [{ path, executedBy: "GitHub Actions runs it" }];
  push();
  await screen.findByText(path);
  await waitFor(() => expect(screen.getByRole<HTMLInputElement>("checkbox").checked).toBe(false));
  expect(screen.getByRole("alert").textContent).toContain("look at them");
  expect(screen.getByRole<HTMLButtonElement>("button", { name: "Push" }).disabled).toBe(true);
  await confirm();
  push();
  await waitFor(() => expect(api().asked).toHaveLength(3));
  expect(api().asked.at(-1)).toMatchObject({ body: { branch: "agents/mine", acknowledgeExecuted: true, commit } });
});
