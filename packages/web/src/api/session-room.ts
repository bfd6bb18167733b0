"use client";

import type { CheckpointId } from "@background-agents/shared/ids";
import { useEffect, useRef } from "react";
import { create } from "zustand";

/** Where in the session somebody wants to look. */
export interface Wish {
  /** A room of the inspector. */
  room: string;
  /** For `changes`: the checkpoint whose own changes to show; null: all of them. */
  checkpointId: CheckpointId | null;
}

const useWishes = create<{ wish: Wish | null }>(() => ({ wish: null }));

/** Shows a room of the inspector; for `changes`, those of one checkpoint. */
export function sendTo(room: string, checkpointId: CheckpointId | null = null): void {
  useWishes.setState({ wish: { room, checkpointId } });
}

/** Calls `follow` with each wish made from here on. */
export function useWish(follow: (wish: Wish) => void): void {
  const latest = useRef(follow);
  latest.current = follow;
  useEffect(() => useWishes.subscribe(({ wish }) => wish && latest.current(wish)), []);
}

const followed = new WeakSet<Wish>();

/** As `useWish`, for what lives inside of `room` and may come into being only by the wish: each is followed once. */
export function useWishInside(room: string, follow: (wish: Wish) => void): void {
  const latest = useRef(follow);
  latest.current = follow;
  useEffect(() => {
    function take(): void {
      const { wish } = useWishes.getState();
      if (wish?.room !== room || followed.has(wish)) return;
      followed.add(wish);
      latest.current(wish);
    }
    take();
    return useWishes.subscribe(take);
  }, [room]);
}
