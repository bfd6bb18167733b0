// @vitest-environment happy-dom
import { newId } from "@background-agents/shared/ids";
import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { expect, it } from "vitest";
import { useSessionDialog } from "../../api/session-dialog.ts";
import { sendPrompt } from "../../api/sessions-client.ts";
import { showFakeSession } from "../../testing/show-fake-session.tsx";
import { Timeline } from "./timeline.tsx";

showFakeSession(<Timeline />, async (fake) => {
  await fake.play();
  await sendPrompt(fake.session.id, { id: newId("prompt"), text: "and once more" });
  await waitFor(() => {
    if (screen.getAllByText("Fork from here").length < 2) throw new Error("The second turn has not ended yet.");
  });
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
