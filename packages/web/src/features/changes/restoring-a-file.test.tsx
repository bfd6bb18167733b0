// @vitest-environment happy-dom
import { newId } from "@background-agents/shared/ids";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, it } from "vitest";
import { useAccess } from "../../api/access-store.ts";
import { sessionStore } from "../../api/session-store.ts";
import { sendPrompt } from "../../api/sessions-client.ts";
import { LiveSessionProvider } from "../../api/use-session.tsx";
import { type FakeApi, startFakeApi } from "../../testing/fake-api.ts";
import { Toaster } from "../../ui/toast.tsx";
import { TooltipProvider } from "../../ui/tooltip.tsx";
import { FileHeader } from "./diff/file-header.tsx";
import { ReviewContext } from "./review-context.tsx";
import { useScopes } from "./scope/use-scopes.ts";
import { useReviewState } from "./use-review.ts";

const PATH = "src/routes/public.ts";
let api: FakeApi;

beforeEach(async () => {
  api = await startFakeApi();
  document.head.innerHTML = `<meta name="api-url" content="${api.url}">`;
  useAccess.setState({ token: api.token, access: "granted" });
});

afterEach(async () => {
  cleanup();
  await api.close();
});

/** The review without its diffs: what it can show, and the heads of the files. */
function Heads() {
  const scoping = useScopes();
  const { review } = useReviewState(scoping, { layout: "unified", wrap: false, whitespace: "show" });
  return (
    <ReviewContext value={review}>
      {scoping.scopes.map(({ key, label }) => (
        <button key={key} type="button" aria-pressed={scoping.scope.key === key} onClick={() => scoping.pick(key)}>
          {label}
        </button>
      ))}
      {review.files.map(({ path }) => (
        <FileHeader key={`${scoping.scope.key} ${path}`} path={path} />
      ))}
      <Toaster />
    </ReviewContext>
  );
}

async function openMenuIn(scope: string): Promise<void> {
  fireEvent.click(await screen.findByRole("button", { name: scope }));
  await screen.findByRole("button", { name: scope, pressed: true });
  fireEvent.click(await screen.findByRole("button", { name: `More for ${PATH}` }));
  await screen.findByRole("menuitem", { name: /^Copy path/ });
}

it("restores a file as an earlier turn left it, and only where the view ends before now", async () => {
  await api.play();
  render(
    <QueryClientProvider client={new QueryClient()}>
      <TooltipProvider>
        <LiveSessionProvider sessionId={api.session.id}>
          <Heads />
        </LiveSessionProvider>
      </TooltipProvider>
    </QueryClientProvider>,
  );
  await sendPrompt(api.session.id, { id: newId("prompt"), text: "Go on", mode: "queue" });
  await screen.findByRole("button", { name: "Turn 2" });
  for (const scope of ["All changes", "Turn 2"]) {
    await openMenuIn(scope);
    expect(screen.queryByRole("menuitem", { name: /^Restore/ })).toBeNull();
  }

  await openMenuIn("Turn 1");
  const item = await screen.findByRole("menuitem", { name: /^Restore as of turn 1 ?Can be undone$/ });
  fireEvent.click(item);
  await screen.findByText(`Restored ${PATH} as of turn 1`);
  await screen.findByRole("button", { name: "Undo" });
  const restored = sessionStore(api.session.id)
    .getState()
    .events.find(({ type }) => type === "work.restored");
  expect(restored?.data).toMatchObject({ reason: "discard", paths: [PATH] });
});
