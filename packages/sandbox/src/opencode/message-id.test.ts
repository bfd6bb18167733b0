import { describe, expect, it } from "vitest";
import { mintMessageId } from "./message-id.ts";

const NOW = 1_795_438_309_395;

describe("mintMessageId", () => {
  it("orders by time as OpenCode's own ids do", () => {
    // What OpenCode 1.18 made within the second after this time.
    expect(mintMessageId([], NOW) < "msg_208767257001teogNJ9AQoKlkh").toBe(true);
    expect(mintMessageId([], NOW)).toMatch(/^msg_[0-9a-f]{12}[0-9A-Za-z]{14}$/);
    expect(mintMessageId([], NOW) < mintMessageId([], NOW + 1)).toBe(true);
  });

  it.each([
    ["a clock that went back", mintMessageId([], NOW + 3_600_000)],
    ["an id of the same moment", mintMessageId([], NOW)],
  ])("sorts after the last message under %s", (_name, last) => {
    const minted = mintMessageId([mintMessageId([], NOW - 1000), last], NOW);
    expect(minted > last).toBe(true);
    expect(minted.slice(0, 16) > last.slice(0, 16)).toBe(true);
  });

  it("ignores ids of another shape", () => {
    expect(mintMessageId(["msg_zzzz", "other"], NOW).slice(0, 16)).toBe(mintMessageId([], NOW).slice(0, 16));
  });
});
