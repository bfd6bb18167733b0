// @vitest-environment happy-dom
import type { SentReview } from "@background-agents/shared/reviews/comment";
import { cleanup, fireEvent, render, screen, within } from "@testing-library/react";
import { afterEach, expect, it } from "vitest";
import { ReviewView } from "./review-view.tsx";

afterEach(cleanup);

const comment = (line: number, more: Partial<SentReview["comments"][number]> = {}) => ({
  ...{ path: "src/limit.ts", side: "new" as const, lines: { start: line, end: line } },
  ...{ text: `remark ${line}`, outdated: false, ...more },
});

it("lists the comments with their places, and shows what the agent got on asking", () => {
  const comments = [comment(12), comment(3, { side: "old", lines: { start: 3, end: 5 } })];
  render(<ReviewView review={{ message: "Two things.", comments }} text="raw words" />);
  screen.getByText("Two things.");
  expect(screen.getAllByRole("listitem").map((item) => item.textContent)).toEqual([
    "src/limit.ts:12remark 12",
    "src/limit.ts:3–5 as it was beforeremark 3",
  ]);
  expect(screen.queryByText("raw words")).toBeNull();
  fireEvent.click(screen.getByRole("button", { name: "As the agent got it" }));
  screen.getByText("raw words");
  expect(screen.queryAllByRole("listitem")).toEqual([]);
});

it("folds a long review", () => {
  render(<ReviewView review={{ comments: [1, 2, 3, 4, 5, 6, 7, 8].map((line) => comment(line)) }} text="" />);
  const review = within(screen.getByRole("group", { name: "Your review" }));
  expect(review.getAllByRole("listitem")).toHaveLength(6);
  fireEvent.click(review.getByText("Show all 8"));
  expect(review.getAllByRole("listitem")).toHaveLength(8);
});
