import type { Metadata, Viewport } from "next";
import { cookies, headers } from "next/headers";
import { GeistMono } from "geist/font/mono";
import { GeistSans } from "geist/font/sans";
import type { ReactNode } from "react";
import { parseTheme, THEME_COOKIE } from "../lib/theme.ts";
import { AppShell } from "./app-shell.tsx";
import "./globals.css";

export const dynamic = "force-dynamic";

export const metadata: Metadata = {
  title: { default: "Background Agents", template: "%s · Background Agents" },
  robots: { index: false, follow: false },
};

export const viewport: Viewport = {
  width: "device-width",
  initialScale: 1,
  interactiveWidget: "resizes-content",
  themeColor: [
    { media: "(prefers-color-scheme: light)", color: "#fbfaf8" },
    { media: "(prefers-color-scheme: dark)", color: "#131211" },
  ],
};

export default async function RootLayout({ children }: { children: ReactNode }) {
  const theme = parseTheme((await cookies()).get(THEME_COOKIE)?.value);
  const nonce = (await headers()).get("x-nonce") ?? undefined;
  // Read for each request: the API's address is a setting of the running server, not of the build.
  const apiUrl = process.env.API_URL ?? "http://localhost:8787";
  return (
    <html
      lang="en"
      className={`${GeistSans.variable} ${GeistMono.variable}`}
      {...(theme === "system" ? {} : { "data-theme": theme })}
      suppressHydrationWarning
    >
      <head>
        <meta name="api-url" content={apiUrl} />
        <meta name="style-nonce" content="" {...(nonce ? { nonce } : {})} suppressHydrationWarning />
      </head>
      <body>
        <AppShell>{children}</AppShell>
      </body>
    </html>
  );
}
