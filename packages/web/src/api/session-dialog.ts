"use client";

import type { CheckpointId } from "@background-agents/shared/ids";
import { create } from "zustand";

/** A dialog of the session page; they are opened from many places and shown in one. */
export type SessionDialog =
  | { kind: "pull-request" | "checkout" | "remove-checkout" | "apply" | "rename-branch" | "options" }
  /** To `remote`, where it is opened for that one. */
  | { kind: "push"; remote?: string }
  /** `turn` null: where the work stands now. */
  | { kind: "fork"; checkpointId: CheckpointId | null; turn: number | null };

export const useSessionDialog = create<{ dialog: SessionDialog | null }>(() => ({ dialog: null }));

export function openSessionDialog(dialog: SessionDialog): void {
  useSessionDialog.setState({ dialog });
}

export function closeSessionDialog(): void {
  useSessionDialog.setState({ dialog: null });
}
