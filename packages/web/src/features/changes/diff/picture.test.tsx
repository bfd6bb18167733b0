// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { StrictMode } from "react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { useAccess } from "../../../api/access-store.ts";
import { contentQuery } from "../../../api/review-queries.ts";
import { type FakeApi, startFakeApi } from "../../../testing/fake-api.ts";
import { Picture } from "./picture.tsx";

const where = { at: "base", path: "assets/logo.svg", blob: null } as const;
let api: FakeApi;
let queries: QueryClient;
/** Addresses that stand for a file now. */
let valid: Set<string>;

beforeEach(async () => {
  api = await startFakeApi();
  document.head.innerHTML = `<meta name="api-url" content="${api.url}">`;
  useAccess.setState({ token: api.token, access: "granted" });
  queries = new QueryClient();
  valid = new Set();
  const [make, giveBack] = [URL.createObjectURL.bind(URL), URL.revokeObjectURL.bind(URL)];
  vi.spyOn(URL, "createObjectURL").mockImplementation((file) => {
    const url = make(file);
    valid.add(url);
    return url;
  });
  vi.spyOn(URL, "revokeObjectURL").mockImplementation((url) => {
    valid.delete(url);
    giveBack(url);
  });
});

afterEach(async () => {
  cleanup();
  vi.restoreAllMocks();
  await api.close();
});

const picture = () => (
  <StrictMode>
    <QueryClientProvider client={queries}>
      <Picture label="Before" edge="" sessionId={api.session.id} {...where} />
    </QueryClientProvider>
  </StrictMode>
);
const findImage = () => screen.findByRole<HTMLImageElement>("img", { name: "Before: assets/logo.svg" });

it("keeps the file's address while the browser may still be reading it, and no longer", async () => {
  const { unmount } = render(picture());
  const image = await findImage();
  expect(valid).toContain(image.src);
  unmount();
  expect(valid).toContain(image.src);
  fireEvent.load(image);
  expect(valid).toEqual(new Set());
});

it("gives an address back at once where the picture was read before it went", async () => {
  const { unmount } = render(picture());
  fireEvent.load(await findImage());
  expect(valid.size).toBe(1);
  unmount();
  expect(valid).toEqual(new Set());
});

it("shows another file without a moment at the address of the one before", async () => {
  const { queryKey } = contentQuery(api.session.id, where);
  render(picture());
  const image = await findImage();
  const first = image.src;
  queries.setQueryData(queryKey, new Blob(["<svg/>"], { type: "image/svg+xml" }));
  await expect.poll(() => image.src).not.toBe(first);
  expect([...valid]).toEqual(expect.arrayContaining([first, image.src]));
  fireEvent.load(image);
  expect([...valid]).toEqual([image.src]);
});

it("goes on at the same address where the same bytes are read again", async () => {
  render(picture());
  const image = await findImage();
  const before = image.src;
  const { queryKey } = contentQuery(api.session.id, where);
  const { data: file, dataUpdateCount: read = 0 } = queries.getQueryState(queryKey) ?? {};
  await queries.invalidateQueries();
  expect(queries.getQueryState(queryKey)?.dataUpdateCount).toBe(read + 1);
  expect(queries.getQueryData(queryKey)).toBe(file);
  expect([image.src, image.isConnected]).toEqual([before, true]);
});

it("says that a file cannot be shown as a picture", async () => {
  render(picture());
  fireEvent.error(await findImage());
  await screen.findByText("The browser cannot show this file as a picture.");
  expect(screen.queryByRole("img")).toBeNull();
});
