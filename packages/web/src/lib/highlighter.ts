import type { HighlighterCore } from "shiki/core";

/** A piece of a highlighted line; `colour` is a CSS colour for both themes. */
export interface CodeToken {
  text: string;
  colour: string;
}

export const CODE_THEMES = { light: "github-light-high-contrast", dark: "github-dark-default" } as const;

/** Longer code is shown plain: highlighting it would hold up the page. */
const LONGEST_CODE = 60_000;

let loading: Promise<HighlighterCore> | undefined;

/** Loads the highlighter with the first code there is to show; its regular expressions run as JavaScript, no WebAssembly. */
async function loadHighlighter(): Promise<HighlighterCore> {
  const [{ createHighlighterCore }, { createJavaScriptRegexEngine }, light, dark] = await Promise.all([
    import("shiki/core"),
    import("shiki/engine/javascript"),
    import("shiki/themes/github-light-high-contrast.mjs"),
    import("shiki/themes/github-dark-default.mjs"),
  ]);
  return createHighlighterCore({
    themes: [light.default, dark.default],
    langs: [],
    engine: createJavaScriptRegexEngine({ forgiving: true }),
  });
}

/** The code's lines as coloured tokens; null where the language is not known or the code is too long. */
export async function highlight(code: string, language: string): Promise<CodeToken[][] | null> {
  if (code.length > LONGEST_CODE) return null;
  loading ??= loadHighlighter();
  const [highlighter, { bundledLanguages }] = await Promise.all([loading, import("shiki/langs")]);
  if (!highlighter.getLoadedLanguages().includes(language)) {
    if (!(language in bundledLanguages)) return null;
    await highlighter.loadLanguage(bundledLanguages[language as keyof typeof bundledLanguages]);
  }
  const { tokens } = highlighter.codeToTokens(code, { lang: language, themes: CODE_THEMES, defaultColor: false });
  return tokens.map((line) =>
    line.map(({ content, htmlStyle }) => ({
      text: content,
      colour: `light-dark(${htmlStyle?.["--shiki-light"] ?? "inherit"}, ${htmlStyle?.["--shiki-dark"] ?? "inherit"})`,
    })),
  );
}
