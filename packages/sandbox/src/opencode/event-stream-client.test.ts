import { expect, it } from "vitest";
import { createSseReader } from "./event-stream-client.ts";

it("puts events together from chunks of any size", () => {
  const stream = `data: {"a":1}\n\n: comment\n\nevent: x\ndata: one\ndata: two\n\ndata: unfinished`;
  for (const size of [1, 3, 1000]) {
    const seen: string[] = [];
    const read = createSseReader((data) => seen.push(data));
    for (let at = 0; at < stream.length; at += size) read(stream.slice(at, at + size));
    expect(seen).toEqual([`{"a":1}`, "one\ntwo"]);
  }
});
