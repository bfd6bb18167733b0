// @vitest-environment happy-dom
import { cleanup, render } from "@testing-library/react";
import { afterEach, expect, it } from "vitest";
import { GuardLine } from "./guard-line.tsx";

afterEach(cleanup);

type Entry = Parameters<typeof GuardLine>[0]["entry"];
const use = { scope: "session", measure: "usd", used: 5.02, limit: 5 } as const;
const spent = { usd: 5.02, tokens: 1_200_000, minutes: 18 };
const reached = { kind: "budget", key: "b", reached: true } as const;

it.each<[string, Entry, string]>([
  [
    "a limit that is reached, with all that was used",
    { ...reached, use, spent },
    "Stopped: the session’s budget is used, $5.02 of $5.00. It took 1.2M tokens and 18 minutes for it. What was done is kept.",
  ],
  [
    "a day's",
    { ...reached, use: { ...use, scope: "day" }, spent: { ...spent, minutes: 0 } },
    "Stopped: today’s budget is used, $5.02 of $5.00. All sessions together took 1.2M tokens for it. What was done is kept.",
  ],
  [
    "one that an older server told of",
    { ...reached, use, spent: null },
    "Stopped: the session’s budget is used, $5.02 of $5.00.",
  ],
  [
    "what the network was and is",
    { kind: "network-mode", key: "n", from: "allowlist", to: "open" },
    "Network: listed hosts → open network, by you",
  ],
  [
    "how the agent works where nothing was told before",
    { kind: "permission-mode", key: "p", from: null, to: "ask" },
    "The agent: asks first, by you",
  ],
])("says %s", (...row) => {
  const { container } = render(<GuardLine entry={row[1]} />);
  expect(container.textContent).toBe(row[2]);
});
