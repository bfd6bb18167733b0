"use client";

import type { CheckpointId } from "@background-agents/shared/ids";
import { create } from "zustand";

/** Which room of the inspector somebody was sent to, and which changes they want to see there. */
interface SentTo {
  /** A room of the inspector; null: nobody was sent anywhere. */
  room: string | null;
  /** The checkpoint whose changes to show; null: all of them. */
  checkpointId: CheckpointId | null;
  /** Counts: the same room twice is twice a wish. */
  wish: number;
}

export const useSentTo = create<SentTo>(() => ({ room: null, checkpointId: null, wish: 0 }));

/** Shows a room of the inspector; for `changes`, those of one checkpoint. */
export function sendTo(room: string, checkpointId: CheckpointId | null = null): void {
  useSentTo.setState(({ wish }) => ({ room, checkpointId, wish: wish + 1 }));
}
