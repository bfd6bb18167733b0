"use client";

import { create } from "zustand";
import { useSettings } from "./use-settings.tsx";

const useDrafts = create<Record<string, unknown>>(() => ({}));

/**
 * What was written for a setting and is not saved yet, null: nothing. It stays while one looks at other rooms or another
 * repository, until it is saved or discarded, or the page is loaded anew.
 */
export function useDraft<Draft>(name: string): [Draft | null, (draft: Draft | null) => void] {
  const { repository } = useSettings();
  const key = `${repository ?? "all"} ${name}`;
  // A key has one form only, so it is always the same kind of draft.
  const draft = useDrafts((drafts) => drafts[key] ?? null) as Draft | null;
  return [draft, (next) => useDrafts.setState({ [key]: next })];
}
