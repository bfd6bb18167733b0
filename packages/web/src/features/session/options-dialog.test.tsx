// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { fireEvent, screen } from "@testing-library/react";
import { expect, it } from "vitest";
import { updateSettings } from "../../api/guard-client.ts";
import { openSessionDialog } from "../../api/session-dialog.ts";
import { useSession } from "../../api/use-session.tsx";
import { showFakeSession } from "../../testing/show-fake-session.tsx";
import { OptionsDialog } from "./options-dialog.tsx";

/** Once the settings are as the test wants them. */
function Opened() {
  return useSession(({ session }) => session !== null) ? <OptionsDialog /> : null;
}

showFakeSession(
  <QueryClientProvider client={new QueryClient()}>
    <Opened />
  </QueryClientProvider>,
  async ({ session }) => {
    await updateSettings({ values: { "git.publishMode": "auto" }, reset: [] });
    await updateSettings({ repository: session.repository.id, values: { "permissions.mode": "ask" }, reset: [] });
    openSessionDialog({ kind: "options" });
  },
);

const legends = (): (string | null)[] =>
  [...document.querySelectorAll("legend")].map((legend) => legend.lastElementChild?.textContent ?? null);

it("says of each option whether it is the session's own or its repository's, and where that has it from", async () => {
  await screen.findByText("set for this session");
  expect(legends()).toEqual(["set for this session", "default", "from all repositories", "default"]);
  fireEvent.click(screen.getByRole("radio", { name: /^Asks first/ }));
  fireEvent.click(screen.getByRole("radio", { name: /^Refuse/ }));
  expect(legends()).toEqual(["from its repository", "default", "from all repositories", "set for this session"]);
});
