"use client";

import { create } from "zustand";
import { parseTheme, type Theme, THEME_COOKIE } from "../lib/theme.ts";

export const useTheme = create<{ theme: Theme }>(() => ({ theme: "system" }));

/** Takes over what the server rendered. */
export function loadTheme(): void {
  useTheme.setState({ theme: parseTheme(document.documentElement.dataset.theme) });
}

export function setTheme(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  document.cookie = `${THEME_COOKIE}=${theme}; path=/; max-age=31536000; samesite=strict`;
  useTheme.setState({ theme });
}

const NEXT: Record<Theme, Theme> = { system: "light", light: "dark", dark: "system" };

export function cycleTheme(): void {
  setTheme(NEXT[useTheme.getState().theme]);
}
