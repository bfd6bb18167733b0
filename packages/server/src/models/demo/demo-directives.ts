/**
 * What a prompt can ask of the scripted model in brackets, for tests and demonstrations:
 *
 * - `[demo:no-commit]`      leaves the change uncommitted
 * - `[demo:slow]`           writes five times slower and runs a command of about 30 s
 * - `[demo:long]`           ends with a long answer (some 3,000 words)
 * - `[demo:command <line>]` also runs this shell command; the bracket that ends its line closes it
 * - `[demo:ask]`            asks the user a question and waits for the answer
 * - `[demo:fail]`           the provider refuses the prompt (400, not retryable)
 * - `[demo:ratelimit]`      the prompt's first call is answered 429 with `Retry-After: 2`
 * - `[demo:cut]`            the prompt's first answer breaks off in the middle of the text
 */
export const DEMO_DIRECTIVES = ["no-commit", "slow", "long", "ask", "fail", "ratelimit", "cut"] as const;
export type DemoDirective = (typeof DEMO_DIRECTIVES)[number];

export interface DirectedPrompt {
  /** The prompt without its directives. */
  text: string;
  directives: Set<DemoDirective>;
  command: string | undefined;
}

const COMMAND = /\[demo:command[ \t]+(.+)\][ \t]*$/m;
const SIMPLE = /\[demo:([a-z-]+)\]/g;

/** Takes the directives out of a prompt. Unknown ones stay in the text. */
export function readDirectives(prompt: string): DirectedPrompt {
  const command = COMMAND.exec(prompt)?.[1]?.trim();
  const directives = new Set<DemoDirective>();
  const text = prompt.replace(COMMAND, "").replace(SIMPLE, (whole, name: string) => {
    const known = DEMO_DIRECTIVES.find((each) => each === name);
    if (!known) return whole;
    directives.add(known);
    return "";
  });
  return { text: text.replace(/[ \t]+$/gm, "").trim() || "(no words)", directives, command };
}
