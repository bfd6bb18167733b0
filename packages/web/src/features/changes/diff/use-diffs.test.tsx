// @vitest-environment happy-dom
import { newId } from "@background-agents/shared/ids";
import type { ChangedFile } from "@background-agents/shared/sessions/session";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, renderHook, waitFor } from "@testing-library/react";
import { afterEach, expect, it } from "vitest";
import { diffQuery } from "../../../api/review-queries.ts";
import { useDiffs } from "./use-diffs.ts";

const sessionId = newId("session");
const scope = { from: "base", to: newId("checkpoint") } as const;

/** The same file, as another answer of the server has it. */
const file = (): ChangedFile => ({
  path: "a.txt",
  status: "modified",
  kind: "file",
  binary: false,
  additions: 1,
  deletions: 0,
  oldMode: "100644",
  newMode: "100644",
  oldBlob: "1".repeat(40),
  newBlob: "2".repeat(40),
  executedBy: null,
  viewed: false,
});
const PATCH = "diff --git a/a.txt b/a.txt\n--- a/a.txt\n+++ b/a.txt\n@@ -1 +1,2 @@\n one\n+two\n";

afterEach(cleanup);

it("gives a diff that was asked for with the list before, once it has come", async () => {
  const client = new QueryClient();
  client.setQueryData(diffQuery(sessionId, { file: file(), scope, whitespace: "show" }).queryKey, PATCH);
  const { result } = renderHook(() => useDiffs(sessionId, scope, "show"), {
    wrapper: ({ children }) => <QueryClientProvider client={client}>{children}</QueryClientProvider>,
  });
  const [before, after] = [file(), file()];
  result.current.diffs.want([before]);
  expect(result.current.diffs.of(after)).toEqual({ state: "missing" });
  await waitFor(() => expect(result.current.version).toBe(1));
  expect(result.current.diffs.of(after)).toMatchObject({ state: "ready" });
  expect(result.current.diffs.of(before)).toBe(result.current.diffs.of(after));
});
