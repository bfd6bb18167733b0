import { describe, expect, it } from "vitest";
import { cleanTerminalText, toTerminalSpans } from "./terminal-text.ts";

const E = "\u001B";

describe("cleanTerminalText", () => {
  it.each([
    ["keeps colours", `${E}[32mok${E}[0m`, `${E}[32mok${E}[0m`],
    ["drops cursor moves", `a${E}[2K${E}[1Gb`, "ab"],
    ["drops private modes", `${E}[?25lspin${E}[?25h`, "spin"],
    ["drops titles", `${E}]0;evil title\u0007text`, "text"],
    ["drops links but keeps their words", `${E}]8;;https://example.org${E}\\here${E}]8;;${E}\\`, "here"],
    ["drops what would be copied for the user", `a${E}]52;c;ZXZpbA==\u0007b`, "ab"],
    ["drops device strings", `a${E}P+q544e${E}\\b${E}_hidden${E}\\c`, "abc"],
    ["drops what would be answered as if typed", `a${E}[6nb${E}[c${E}[>0qd`, "abd"],
    ["drops them by their single characters, too", "a\u009d0;evil\u009cb\u009b6nc\u0090x\u009cd\u0085e", "abcde"],
    ["drops a cut-off escape", `text${E}`, "text"],
    ["drops character sets", `${E}(Btext`, "text"],
    ["drops control characters", "a\u0000\u0007\bb", "ab"],
    ["ends lines one way", "a\r\nb", "a\nb"],
    ["shows what a progress bar ended with", "10%\r50%\r100%\ndone", "100%\ndone"],
    ["keeps a line that ends in a return", "50%\r", "50%"],
  ])("%s", (_name, raw, clean) => expect(cleanTerminalText(raw)).toBe(clean));
});

describe("toTerminalSpans", () => {
  it("names colours and carries them over lines", () => {
    expect(toTerminalSpans(`${E}[31mred\nstill${E}[39m plain`)).toMatchObject([
      { text: "red\nstill", foreground: "red" },
      { text: " plain", foreground: null },
    ]);
  });

  it.each([
    ["bright", `${E}[92mx`, "bright-green"],
    ["palette cube", `${E}[38;5;196mx`, "255, 0, 0"],
    ["palette grey", `${E}[38;5;240mx`, "88, 88, 88"],
    ["true colour", `${E}[38;2;1;2;3mx`, "1, 2, 3"],
  ])("%s", (_name, text, foreground) => expect(toTerminalSpans(text)[0]?.foreground).toBe(foreground));

  it("reads weights", () => {
    expect(toTerminalSpans(`${E}[1;4mx`)[0]).toMatchObject({ bold: true, underline: true });
  });

  it("never makes markup of output", () => {
    expect(toTerminalSpans("<img src=x onerror=alert(1)>")[0]?.text).toBe("<img src=x onerror=alert(1)>");
  });
});
