// @vitest-environment happy-dom
import { cleanup, render } from "@testing-library/react";
import { afterEach, describe, expect, it } from "vitest";
import { Markdown } from "./markdown.tsx";

afterEach(cleanup);
const html = (text: string, streaming = false) => render(<Markdown text={text} streaming={streaming} />).container;

describe("what a model may not put into the page", () => {
  it.each([
    ["a script", "<script>alert(1)</script>"],
    ["an image with a handler", '<img src="x" onerror="alert(1)">'],
    ["a frame", '<iframe src="https://example.org"></iframe>'],
    ["a style", "<style>*{display:none}</style>"],
    ["a form", '<form action="https://example.org"><input name="a"></form>'],
    ["a picture", "![beacon](https://example.org/pixel.png)"],
    ["a data picture", "![x](data:image/svg+xml;base64,PHN2Zz4=)"],
  ])("%s", (_name, text) => {
    for (const streaming of [false, true]) {
      const container = html(text, streaming);
      expect(container.querySelector("script, img, iframe, style, form, input, [onerror]")).toBeNull();
    }
  });

  it.each([
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "file:///etc/passwd",
    "//example.org/x",
    "/settings",
    "blob:https://example.org/x",
    "java\tscript:alert(1)",
  ])("a link to %s", (address) => {
    expect(html(`[click](<${address}>)`).querySelector("a")).toBeNull();
  });
});

describe("what it may", () => {
  it("links out, in a new tab that knows nothing of this one", () => {
    const link = html("[docs](https://example.org/a)").querySelector("a");
    expect(link?.getAttribute("href")).toBe("https://example.org/a");
    expect(link?.getAttribute("rel")).toBe("noopener noreferrer");
    expect(link?.getAttribute("target")).toBe("_blank");
  });

  it("names a picture by its whole address", () => {
    expect(html("![a cat](https://example.org/cat.png)").textContent).toContain("https://example.org/cat.png");
  });

  it("lists, tables and code", () => {
    const container = html("- a\n- b\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```ts\nconst a = 1;\n```\n\nsome `code`");
    expect(container.querySelectorAll("li")).toHaveLength(2);
    expect(container.querySelectorAll("td")).toHaveLength(2);
    expect(container.querySelector("pre")?.textContent).toContain("const a = 1;");
  });

  it("code that is still being written", () => {
    expect(html("Look:\n\n```ts\nconst a =", true).querySelector("pre")?.textContent).toContain("const a =");
  });
});
