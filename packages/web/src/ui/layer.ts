"use client";

import { createContext, useContext } from "react";

/** The element that floating things belong in: an open dialog lies over everything that is outside of it. */
export const LayerContext = createContext<HTMLElement | null>(null);

/** For the `container` of a portal; null: the page. */
export function useLayer(): HTMLElement | null {
  return useContext(LayerContext);
}
