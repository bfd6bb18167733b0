// @vitest-environment happy-dom
import { newId } from "@background-agents/shared/ids";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen, within } from "@testing-library/react";
import { afterEach, beforeEach, expect, it } from "vitest";
import { useAccess } from "../../../api/access-store.ts";
import { addComment, listComments, updateComment } from "../../../api/reviews-client.ts";
import { cancelPrompt, sendPrompt } from "../../../api/sessions-client.ts";
import { LiveSessionProvider } from "../../../api/use-session.tsx";
import { type FakeApi, startFakeApi } from "../../../testing/fake-api.ts";
import { TooltipProvider } from "../../../ui/tooltip.tsx";
import { type Review, ReviewContext } from "../review-context.tsx";
import { CommentCard } from "./comment-card.tsx";
import { ReviewBar } from "./review-bar.tsx";
import { useComments } from "./use-comments.ts";

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

/** The parts of a review that show its comments, without the diffs. */
function Comments() {
  const sessionId = api.session.id;
  const comments = useComments(sessionId).data ?? [];
  const review: Partial<Review> = { sessionId, comments, nameOf: () => "turn 1", goTo: () => undefined };
  return (
    <ReviewContext value={review as Review}>
      {comments.map((comment) => (
        <CommentCard key={comment.id} comment={comment} adrift={false} />
      ))}
      <ReviewBar />
    </ReviewContext>
  );
}

function show(): void {
  render(
    <QueryClientProvider client={new QueryClient()}>
      <TooltipProvider>
        <LiveSessionProvider sessionId={api.session.id}>
          <Comments />
        </LiveSessionProvider>
      </TooltipProvider>
    </QueryClientProvider>,
  );
}

const write = () =>
  addComment(api.session.id, {
    ...{ id: newId("comment"), path: "src/routes/public.ts", side: "new", lines: { start: 1, end: 1 }, at: "base" },
    text: "Name the number.",
  });
const listed = () => listComments(api.session.id);
const card = (words: RegExp) => screen.findByRole("article", { name: words });

it("offers a comment whose prompt was taken back with the next review", async () => {
  show();
  // A turn that waits for the user: what is sent now waits behind it.
  await sendPrompt(api.session.id, { id: newId("prompt"), text: "ask", mode: "queue" });
  await write();
  fireEvent.click(await screen.findByRole("button", { name: /^Send to agent/ }));
  const open = await card(/, open$/);
  expect(within(open).queryByRole("button", { name: "Send again" })).toBeNull();
  screen.getByRole("button", { name: "1 open" });

  const { promptId } = (await listed())[0] ?? {};
  if (!promptId) throw new Error("the comment has no prompt");
  await cancelPrompt(api.session.id, promptId);
  await card(/, taken back$/);
  screen.getByRole("button", { name: "1 comment" });
  fireEvent.click(await screen.findByRole("button", { name: /^Send to agent/ }));
  await card(/, open$/);
  expect((await listed())[0]?.promptId).not.toBe(promptId);
});

it("sends a comment again that a turn left open, by its card", async () => {
  show();
  const { id } = await write();
  fireEvent.click(await screen.findByRole("button", { name: /^Send to agent/ }));
  await card(/, addressed/);
  const before = (await listed())[0]?.promptId;
  await updateComment(api.session.id, id, { status: "sent" });
  fireEvent.click(await screen.findByRole("button", { name: "Send again" }));
  await card(/, addressed/);
  expect((await listed())[0]?.promptId).not.toBe(before);
  expect(screen.queryByRole("button", { name: /^Send/ })).toBeNull();
});
