import { expect, test } from "vitest";
import { AppError } from "../lib/app-error.ts";
import { createLostAnswers } from "./lost-answers.ts";

/** The ids that requests went with; each is answered, or not, as `answers` say. */
async function idsOf(
  requests: readonly { asked: unknown; answer: "made" | AppError["code"] }[],
  isOver: (id: number) => boolean = () => false,
): Promise<number[]> {
  let made = 0;
  const ids: number[] = [];
  const send = createLostAnswers({ makeIds: () => (made += 1), isOver });
  for (const { asked, answer } of requests) {
    const outcome = await send(asked, (id) => {
      ids.push(id);
      return answer === "made" ? Promise.resolve("made") : Promise.reject(new AppError(answer, "No."));
    }).catch((error: unknown) => error instanceof AppError && error.code);
    expect(outcome).toBe(answer);
  }
  return ids;
}

const lost = { asked: { text: "a", to: "x" }, answer: "api.unreachable" } as const;
const asked = { asked: { text: "a", to: "x" }, answer: "made" } as const;

test("the same request goes with the same id until an answer comes", async () => {
  expect(await idsOf([lost, lost, asked, asked])).toEqual([1, 1, 1, 2]);
});

test.each(["api.unreadable", "server.internal"] as const)("%s does not say whether it was made", async (answer) => {
  expect(await idsOf([{ ...asked, answer }, asked])).toEqual([1, 1]);
});

test("what was refused, what is asked otherwise and what is over gets an id of its own", async () => {
  expect(await idsOf([{ ...asked, answer: "session.deleted" }, asked])).toEqual([1, 2]);
  expect(await idsOf([lost, { ...asked, asked: { text: "b", to: "x" } }, asked])).toEqual([1, 2, 3]);
  expect(await idsOf([lost, asked], (id) => id === 1)).toEqual([1, 2]);
});

test("what the API says is over is asked for anew, and asked again as that where its answer gets lost", async () => {
  let made = 0;
  const ids: number[] = [];
  const send = createLostAnswers({ makeIds: () => (made += 1), wasOver: (id: number) => Promise.resolve(id === 1) });
  const ask = (...loses: number[]) =>
    send("a", (id) => {
      ids.push(id);
      return loses.includes(id) ? Promise.reject(new AppError("api.unreachable", "No.")) : Promise.resolve(id);
    });
  await expect(ask(1)).rejects.toThrow("No.");
  await expect(ask(2)).rejects.toThrow("No.");
  expect(await ask()).toBe(2);
  expect(ids).toEqual([1, 1, 2, 2]);
});
