"use client";

import { z } from "zod";
import { useLocal } from "../../ui/use-local.ts";

/** How the user wants changes shown, remembered on this device. */
export function useDiffLook() {
  const [layout, setLayout] = useLocal("changes.layout", z.enum(["unified", "split"]), "unified");
  const [shape, setShape] = useLocal("changes.shape", z.enum(["tree", "list"]), "tree");
  const [wrap, setWrap] = useLocal("changes.wrap", z.boolean(), false);
  const [whitespace, setWhitespace] = useLocal("changes.whitespace", z.enum(["show", "ignore"]), "show");
  const [files, setFiles] = useLocal("changes.files", z.boolean(), true);
  return { layout, setLayout, shape, setShape, wrap, setWrap, whitespace, setWhitespace, files, setFiles };
}

export type DiffLook = ReturnType<typeof useDiffLook>;
