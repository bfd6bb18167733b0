import { expect, it } from "vitest";
import { hideCredentials } from "./hide-credentials.ts";

it.each([
  ["https://ada:s3cret@host/a.git", "https://host/a.git"],
  ["https://s3cret@host/a.git", "https://host/a.git"],
  [
    "fatal: Authentication failed for 'https://ada:s3cret@host/a.git/'",
    "fatal: Authentication failed for 'https://host/a.git/'",
  ],
  ["To HTTPS://s3cret@host/a and http://x:y@h/b", "To HTTPS://host/a and http://h/b"],
  ["ssh://git:s3cret@host:22/a", "ssh://git@host:22/a"],
  ["ssh://git@host:22/a", "ssh://git@host:22/a"],
  ["git@host:a.git", "git@host:a.git"],
  ["mail ada@example.org about https://host/a@b", "mail ada@example.org about https://host/a@b"],
])("%j is shown as %j", (text, shown) => {
  expect(hideCredentials(text)).toBe(shown);
});
