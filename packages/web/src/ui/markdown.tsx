"use client";

import { memo, type ReactNode } from "react";
import ReactMarkdown, { type Components } from "react-markdown";
import remarkGfm from "remark-gfm";
import { safeLink } from "../lib/safe-link.ts";
import { splitMarkdown } from "../lib/split-markdown.ts";
import { CodeBlock } from "./code-block.tsx";

const ALLOWED = [
  "a",
  "blockquote",
  "br",
  "code",
  "del",
  "em",
  "h1",
  "h2",
  "h3",
  "h4",
  "h5",
  "h6",
  "hr",
  "img",
  "input",
  "li",
  "ol",
  "p",
  "pre",
  "section",
  "strong",
  "sup",
  "table",
  "tbody",
  "td",
  "th",
  "thead",
  "tr",
  "ul",
];

const COMPONENTS: Components = {
  a: ({ href, children }) => <OutsideLink href={href}>{children}</OutsideLink>,
  // An image would tell its host who reads this: its address is shown instead, whole.
  img: ({ src, alt }) => {
    const address = typeof src === "string" ? src : "";
    return <OutsideLink href={address}>{alt ? `${alt} (${address})` : address}</OutsideLink>;
  },
  input: ({ checked }) => (
    <span role="img" aria-label={checked ? "done" : "open"} className="mr-1.5 font-mono text-ink-3">
      {checked ? "☑" : "☐"}
    </span>
  ),
  pre: ({ children }) => children,
  code: ({ className, children }) => {
    const text = textOf(children);
    const language = /language-(\S+)/.exec(className ?? "")?.[1] ?? null;
    // Only fenced and indented blocks end with a line break.
    if (!language && !text.endsWith("\n")) return <code>{children}</code>;
    return <CodeBlock code={text.replace(/\n$/, "")} language={language} />;
  },
};

function OutsideLink({ href, children }: { href: string | undefined; children: ReactNode }) {
  const address = safeLink(href);
  if (!address) return children;
  return (
    <a href={address} title={address} target="_blank" rel="noopener noreferrer">
      {children}
    </a>
  );
}

function textOf(children: ReactNode): string {
  return (Array.isArray(children) ? children : [children]).filter((child) => typeof child === "string").join("");
}

const Block = memo(function Block({ text }: { text: string }) {
  return (
    <ReactMarkdown
      remarkPlugins={[remarkGfm]}
      allowedElements={ALLOWED}
      unwrapDisallowed
      skipHtml
      urlTransform={(url) => safeLink(url) ?? ""}
      components={COMPONENTS}
    >
      {text}
    </ReactMarkdown>
  );
});

/**
 * What the agent wrote, as elements of an allow-list: no HTML of its own, no images, links only to http, https and
 * mailto. While it streams in, only the block at its end is rendered anew.
 */
export const Markdown = memo(function Markdown({ text, streaming = false }: { text: string; streaming?: boolean }) {
  const blocks = streaming ? splitMarkdown(text) : [text];
  return (
    <div className="prose-agent">
      {blocks.map((block, at) => (
        // oxlint-disable-next-line react/no-array-index-key -- blocks are only ever added at the end
        <Block key={at} text={block} />
      ))}
    </div>
  );
});
