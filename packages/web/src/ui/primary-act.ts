"use client";

import { useEffect, useId } from "react";
import { create } from "zustand";

/** Who asks to be the one filled button of the page; the first of these that does gets it. */
const RANKS = ["answer", "review", "pull-request", "prompt"] as const;
export type Rank = (typeof RANKS)[number];

const useClaims = create<{ claims: Record<string, Rank> }>(() => ({ claims: {} }));

/** Whether the asker is the one thing to do next. It takes part only while `wants`. */
export function usePrimaryAct(rank: Rank, wants: boolean): boolean {
  const id = useId();
  useEffect(() => {
    if (!wants) return;
    useClaims.setState(({ claims }) => ({ claims: { ...claims, [id]: rank } }));
    return () =>
      useClaims.setState(({ claims }) => ({
        claims: Object.fromEntries(Object.entries(claims).filter(([key]) => key !== id)),
      }));
  }, [id, rank, wants]);
  return useClaims(({ claims }) => {
    const first = RANKS.find((candidate) => Object.values(claims).includes(candidate));
    return wants && (first === undefined || first === rank);
  });
}
