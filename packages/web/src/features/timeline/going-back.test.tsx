// @vitest-environment happy-dom
import { newId } from "@background-agents/shared/ids";
import { cleanup, fireEvent, render, screen, waitFor, within } from "@testing-library/react";
import { afterEach, beforeEach, expect, it } from "vitest";
import { useAccess } from "../../api/access-store.ts";
import { useSessionDialog } from "../../api/session-dialog.ts";
import { sendPrompt } from "../../api/sessions-client.ts";
import { LiveSessionProvider } from "../../api/use-session.tsx";
import { type FakeApi, startFakeApi } from "../../testing/fake-api.ts";
import { TooltipProvider } from "../../ui/tooltip.tsx";
import { Timeline } from "./timeline.tsx";

let api: FakeApi;

beforeEach(async () => {
  api = await startFakeApi();
  document.head.innerHTML = `<meta name="api-url" content="${api.url}">`;
  useAccess.setState({ token: api.token, access: "granted" });
  render(
    <TooltipProvider>
      <LiveSessionProvider sessionId={api.session.id}>
        <Timeline />
      </LiveSessionProvider>
    </TooltipProvider>,
  );
  await api.play();
  await sendPrompt(api.session.id, { id: newId("prompt"), text: "and once more" });
  await waitFor(() => {
    if (screen.getAllByText("Fork from here").length < 2) throw new Error("The second turn has not ended yet.");
  });
});

afterEach(async () => {
  cleanup();
  await api.close();
});

const turn = (number: number) => within(screen.getByRole("article", { name: `Turn ${number}` }));

it("goes back to the end of a turn, sets the later ones aside, and forth again", async () => {
  expect(turn(2).queryByText("Revert to here")).toBeNull();
  fireEvent.click(turn(1).getByText("Revert to here"));
  await turn(2).findByText("set aside");
  turn(2).getByText(/^Reverted to the end of turn 1/);
  expect(turn(2).queryByText("Fork from here")).toBeNull();

  fireEvent.click(turn(2).getByText("Show"));
  turn(2).getByText("Revert to here");
  fireEvent.click(turn(2).getByText("Undo"));
  await turn(2).findByText(/^Reverted to the end of turn 2/);
  expect(turn(2).queryByText("set aside")).toBeNull();
  expect(screen.getAllByText("Undo")).toHaveLength(1);
});

it("offers to begin another session at the end of a turn", () => {
  fireEvent.click(turn(1).getByText("Fork from here"));
  expect(useSessionDialog.getState().dialog).toMatchObject({ kind: "fork", turn: 1 });
});
