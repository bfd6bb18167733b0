"use client";

import { z } from "zod";
import { useLocal } from "../../ui/use-local.ts";

/** px of the panel's width from which the files stand beside the diffs; and from which they stand over them unasked. */
export const ROOM_BESIDE = 860;
const ROOM_OVER = 440;

/** How the user wants changes shown, remembered on this device. Where files stand over the diffs, a list takes less room. */
export function useDiffLook(width: number) {
  const [layout, setLayout] = useLocal("changes.layout", z.enum(["unified", "split"]), "unified");
  const [shape, setShape] = useLocal("changes.shape", z.enum(["tree", "list"]).nullable(), null);
  const [wrap, setWrap] = useLocal("changes.wrap", z.boolean(), false);
  const [whitespace, setWhitespace] = useLocal("changes.whitespace", z.enum(["show", "ignore"]), "show");
  const [files, setFiles] = useLocal("changes.files", z.boolean().nullable(), null);
  return {
    layout,
    setLayout,
    shape: shape ?? (width >= ROOM_BESIDE ? ("tree" as const) : ("list" as const)),
    setShape,
    wrap,
    setWrap,
    whitespace,
    setWhitespace,
    files: files ?? width >= ROOM_OVER,
    setFiles,
  };
}

export type DiffLook = ReturnType<typeof useDiffLook>;
