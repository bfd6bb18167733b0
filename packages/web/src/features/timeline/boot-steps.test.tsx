// @vitest-environment happy-dom
import type { BootEntry } from "@background-agents/shared/sessions/timeline";
import { startBoot } from "@background-agents/shared/sessions/boot-entry";
import { screen } from "@testing-library/react";
import { expect, it } from "vitest";
import { showFakeSession } from "../../testing/show-fake-session.tsx";
import { BootSteps } from "./boot-steps.tsx";

const stopped = (reason: string | null): BootEntry => ({
  ...startBoot(1),
  ...{ task: "setup", status: "stopped", reason },
});

showFakeSession(
  <>
    <section aria-label="its script never began">
      <BootSteps boot={stopped("the container was removed")} />
    </section>
    <section aria-label="its script has a line">
      <BootSteps boot={stopped(null)} />
    </section>
  </>,
  async () => {},
);

it("says why the setup script's container stopped only where the script's own line cannot", () => {
  expect(screen.getByRole("region", { name: "its script never began" }).textContent).toContain(
    "The sandbox stopped: the container was removed.",
  );
  expect(screen.getByRole("region", { name: "its script has a line" }).textContent).toBe("");
});
