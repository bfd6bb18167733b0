const PROTOCOLS = new Set(["http:", "https:", "mailto:"]);

/** The address as the link may carry it, or null: only http, https and mailto, only whole addresses. */
export function safeLink(href: string | null | undefined): string | null {
  if (!href) return null;
  try {
    const url = new URL(href);
    return PROTOCOLS.has(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}
