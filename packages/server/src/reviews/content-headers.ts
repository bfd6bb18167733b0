const IMAGES: readonly { type: string; extension: RegExp; begins: (bytes: Buffer) => boolean }[] = [
  { type: "image/png", extension: /\.png$/i, begins: (bytes) => bytes.subarray(0, 8).equals(PNG) },
  { type: "image/jpeg", extension: /\.jpe?g$/i, begins: (bytes) => bytes.subarray(0, 3).equals(JPEG) },
  { type: "image/gif", extension: /\.gif$/i, begins: (bytes) => /^GIF8[79]a/.test(bytes.toString("latin1", 0, 6)) },
  {
    type: "image/webp",
    extension: /\.webp$/i,
    begins: (bytes) => /^RIFF.{4}WEBP/s.test(bytes.toString("latin1", 0, 12)),
  },
  {
    type: "image/avif",
    extension: /\.avif$/i,
    begins: (bytes) => /^ftypavi[fs]/.test(bytes.toString("latin1", 4, 12)),
  },
  { type: "image/svg+xml", extension: /\.svg$/i, begins: (bytes) => /<svg[\s>]/.test(bytes.toString("utf8", 0, 4096)) },
];
const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const JPEG = Buffer.from([0xff, 0xd8, 0xff]);

/**
 * The media type of a file out of a sandbox: an image only where name and content agree, text where there is no NUL in
 * it, unnamed bytes otherwise; never anything that a browser would run.
 */
export function mediaTypeOf(path: string, bytes: Buffer): string {
  const image = IMAGES.find(({ extension, begins }) => extension.test(path) && begins(bytes));
  if (image) return image.type;
  return bytes.includes(0) ? "application/octet-stream" : "text/plain; charset=utf-8";
}

/** How a file out of a sandbox is served: opened as a page of its own, it can do nothing. */
export function contentHeaders(path: string, bytes: Buffer): Record<string, string> {
  const type = mediaTypeOf(path, bytes);
  const shown = type.startsWith("image/") && type !== "image/svg+xml";
  return {
    "content-type": type,
    "content-security-policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'",
    "x-content-type-options": "nosniff",
    "content-disposition": shown ? "inline" : "attachment",
    "cache-control": "private, no-cache",
  };
}
