import { describe, expect, it } from "vitest";
import { readConversation } from "./demo-conversation.ts";
import { readDirectives } from "./demo-directives.ts";
import { uniqueEnding, wholeFile } from "./read-output.ts";

const user = (...content: object[]) => ({ role: "user" as const, content: content as { type: string }[] });
const text = (value: string) => ({ type: "text", text: value });
const result = (id: string, content: unknown) => ({ type: "tool_result", tool_use_id: id, content });
const read = (...messages: ReturnType<typeof user>[]) => readConversation({ model: "scripted", messages });

describe("readConversation", () => {
  it("keeps the results of the last prompt's turn only", () => {
    const conversation = read(
      user(text("one")),
      user(result("a", "A")),
      user(text("two")),
      user(result("b", [text("B")])),
    );
    expect(conversation.prompts).toEqual(["one", "two"]);
    expect([...conversation.results]).toEqual([["b", { text: "B", isError: false }]]);
  });

  it("takes each text for a prompt, also where an unanswered one comes in the same message", () => {
    expect(read(user(text("one [demo:fail]"), text("two"))).prompts).toEqual(["one [demo:fail]", "two"]);
  });

  it("drops reminders, and keeps the user's words of a prompt that joined a running turn", () => {
    const reminder = text("<system-reminder>plan mode</system-reminder>");
    const steered = text(
      "<system-reminder>\nThe user sent the following message:\nrather two\n\nPlease address this message and continue with your tasks.\n</system-reminder>",
    );
    expect(read(user(text("one"), reminder), user(result("a", "A"), steered)).prompts).toEqual(["one", "rather two"]);
  });
});

describe("readDirectives", () => {
  it("takes directives out of the text and leaves unknown ones", () => {
    expect(readDirectives("Do it [demo:no-commit] now [demo:slow] [demo:other]")).toEqual({
      text: "Do it  now  [demo:other]",
      directives: new Set(["no-commit", "slow"]),
      command: undefined,
    });
  });

  it("reads a command up to the bracket that ends its line", () => {
    expect(readDirectives('Run\n[demo:command [ -f a ] && echo "[x]"]\nplease')).toMatchObject({
      text: "Run\n\nplease",
      command: '[ -f a ] && echo "[x]"',
    });
  });

  it("has words to quote where a prompt is nothing but directives", () => {
    expect(readDirectives("[demo:long]").text).toBe("(no words)");
  });
});

describe("reading a file", () => {
  const output = (lines: string[], end = "\n\n(End of file - total 3 lines)\n</content>") =>
    `<path>/x</path>\n<type>file</type>\n<content>\n${lines.map((line, index) => `${index + 1}: ${line}`).join("\n")}${end}`;

  it("gives the lines without their numbers, and nothing where the end is missing", () => {
    expect(wholeFile(output(["# Hi", "", "3: three", ""]))).toEqual(["# Hi", "", "3: three"]);
    expect(wholeFile(output(["a"], "\n\n(Showing lines 1-1 of 9)"))).toBeUndefined();
  });

  it.each([
    [["a", "b"], "b"],
    [["b", "a", "b"], "a\nb"],
    [["x", "x"], "x\nx"],
    [["abc", "c"], "abc\nc"],
    [[], undefined],
  ])("finds the shortest ending of %j that occurs once", (lines, expected) => {
    expect(uniqueEnding(lines)).toBe(expected);
  });
});
