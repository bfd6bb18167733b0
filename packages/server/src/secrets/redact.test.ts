import { leftOut } from "@background-agents/shared/sessions/left-out";
import { describe, expect, it } from "vitest";
import { createRedactor } from "./redact.ts";

const VALUE = 'p@ss/word+42 & "more"';
const redactor = createRedactor([
  { name: "TOKEN", value: VALUE },
  { name: "SHORT", value: "abc" },
]);
const bytes = Buffer.from(VALUE);

describe("redacting a text", () => {
  it.each([
    ["as it is", VALUE],
    ["as JSON", JSON.stringify(VALUE).slice(1, -1)],
    ["as JSON in JSON", JSON.stringify(JSON.stringify(VALUE).slice(1, -1)).slice(1, -1)],
    ["in an address", encodeURIComponent(VALUE)],
    ["in an address, in lower case", encodeURIComponent(VALUE).replace(/%../g, (code) => code.toLowerCase())],
    ["in a form", encodeURIComponent(VALUE).replaceAll("%20", "+")],
    ["as hex", bytes.toString("hex")],
    ["as hex in upper case", bytes.toString("hex").toUpperCase()],
    ["as base64", bytes.toString("base64")],
    ["as base64 for addresses", bytes.toString("base64url")],
  ])("finds a value %s", (_how, shape) => {
    expect(redactor.text(`before ${shape} after`)).toBe("before [secret TOKEN] after");
    expect(redactor.find(`before ${shape}`)).toEqual({ name: "TOKEN", index: 7 });
  });

  it.each([0, 1, 2, 3, 4])("finds a value in the base64 of something longer, %i bytes in", (shift) => {
    const encoded = Buffer.concat([Buffer.alloc(shift, "x"), bytes, Buffer.from("tail")]).toString("base64");
    expect(redactor.text(encoded)).toContain("[secret TOKEN]");
  });

  it("finds a long value in base64 that was wrapped", () => {
    const long = createRedactor([{ name: "LONG", value: "0123456789".repeat(20) }]);
    const wrapped = Buffer.from("0123456789".repeat(20)).toString("base64").replace(/.{76}/g, "$&\n");
    expect(long.text(wrapped)).toMatch(/^\[secret LONG\]=*$/);
  });

  it("finds the lines of a key one by one", () => {
    const pem = `-----BEGIN KEY-----\n${"a1B2".repeat(8)}\n${"c3D4".repeat(8)}\n-----END KEY-----\n`;
    const key = createRedactor([{ name: "KEY", value: pem }]);
    expect(key.text(pem)).toBe("[secret KEY]");
    expect(key.text(`2| ${"c3D4".repeat(8)}`)).toBe("2| [secret KEY]");
    expect(key.text("-----BEGIN KEY-----")).toBe("-----BEGIN KEY-----");
  });

  it("leaves alone what is too short to be told from anything else", () => {
    expect(redactor.text("abc abcabc")).toBe("abc abcabc");
  });

  it("takes the longer of two values that begin alike, and hides two that overlap whole", () => {
    const two = createRedactor([
      { name: "A", value: "secret-one" },
      { name: "B", value: "secret-one-and-two" },
      { name: "C", value: "two-three-four" },
    ]);
    expect(two.text("secret-one-and-two.")).toBe("[secret B].");
    expect(two.text("secret-one-and-two-three-four.")).toBe("[secret B].");
  });

  it("gives a text without secrets back as it is, and knows when there are none", () => {
    expect(redactor.text("nothing here")).toBe("nothing here");
    expect(createRedactor([]).text(VALUE)).toBe(VALUE);
    expect(createRedactor([]).isEmpty).toBe(true);
  });
});

describe("redacting a text that was cut", () => {
  const base64 = bytes.toString("base64");
  /** All ways to cut a shape so that six characters or more are on each side. */
  const cuts = (shape: string) => Array.from({ length: shape.length - 11 }, (_, at) => at + 6);

  it.each([
    ["as it is", VALUE],
    ["in an address", encodeURIComponent(VALUE)],
    ["as hex", bytes.toString("hex")],
    ["as base64", base64.replace(/=+$/, "")],
  ])("hides what is left of a value %s, beside a mark and where a text begins or ends by a cut", (_how, shape) => {
    for (const at of cuts(shape)) {
      const [head, tail] = [shape.slice(0, at), shape.slice(at)];
      const marked = redactor.text(`before ${head}\n${leftOut(9)}\n${tail} after`);
      expect(marked).toBe(`before [secret TOKEN]\n${leftOut(9)}\n[secret TOKEN] after`);
      expect(redactor.cut(`before ${head}`, "end")).toBe("before [secret TOKEN]");
      expect(redactor.cut(`${tail} after`, "start")).toBe("[secret TOKEN] after");
    }
  });

  it("hides a text that is a piece of a value from its midst", () => {
    const piece = VALUE.slice(3, 12);
    expect(redactor.cut(piece, "start")).toBe("[secret TOKEN]");
    expect(redactor.cut(piece, "end")).toBe("[secret TOKEN]");
    expect(redactor.text(`${leftOut(3)}\n${piece}\n${leftOut(4)}`)).toContain("\n[secret TOKEN]\n");
  });

  it("leaves alone what is whole, what stands elsewhere, and pieces that are too short", () => {
    const head = VALUE.slice(0, 9);
    expect(redactor.text(`${head} ${VALUE} ${head}`)).toBe(`${head} [secret TOKEN] ${head}`);
    expect(redactor.cut(`x ${head} x`, "end")).toBe(`x ${head} x`);
    expect(redactor.cut(`x ${VALUE.slice(0, 5)}`, "end")).toBe(`x ${VALUE.slice(0, 5)}`);
    expect(redactor.cut(`${VALUE.slice(-5)} x`, "start")).toBe(`${VALUE.slice(-5)} x`);
  });

  it("takes the longest piece where values begin alike", () => {
    const two = createRedactor([
      { name: "A", value: "abcdefghij" },
      { name: "B", value: "0123456abcdefghijkl" },
    ]);
    expect(two.cut("0123456abcdefghi", "end")).toBe("[secret B]");
    expect(two.cut("xabcdefghi", "end")).toBe("x[secret A]");
  });

  it("bears a text full of marks", () => {
    const many = createRedactor(Array.from({ length: 50 }, (_, at) => ({ name: "X", value: `${at}`.repeat(8000) })));
    expect(many.text(leftOut(1).repeat(20_000))).toBe(leftOut(1).repeat(20_000));
  });
});

describe("redacting a stream", () => {
  const text = `begin ${VALUE} ${VALUE.slice(0, 8)} ${bytes.toString("base64")} end p@ss/wor`;

  it.each([1, 2, 3, 7, 100])("says the same as the whole text, in pieces of %i", (size) => {
    const stream = redactor.stream();
    let shown = "";
    for (let at = 0; at < text.length; at += size) {
      shown += stream.push(text.slice(at, at + size));
      expect(shown).not.toContain(VALUE.slice(0, 12));
    }
    expect(shown + stream.end()).toBe(redactor.text(text));
  });

  it("never shows a piece of a value while the rest is on its way", () => {
    const stream = redactor.stream();
    expect(stream.push(`a ${VALUE.slice(0, 9)}`)).toBe("a ");
    expect(stream.push(`${VALUE.slice(9)} b`)).toBe("[secret TOKEN] b");
  });

  it("shows what turned out to be something else", () => {
    const stream = redactor.stream();
    expect(stream.push("p@ss/w") + stream.push("ater")).toBe("p@ss/water");
  });
});
