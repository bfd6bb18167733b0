"use client";

import { useCallback, useState } from "react";
import type { z } from "zod";
import { readLocal, writeLocal } from "../lib/local-value.ts";

/** A value remembered on this device under `key`. */
export function useLocal<T>(key: string, schema: z.ZodType<T>, initial: T): [T, (value: T) => void] {
  const [value, setValue] = useState<T>(() => readLocal(key, schema) ?? initial);
  const set = useCallback(
    (next: T) => {
      setValue(next);
      writeLocal(key, next);
    },
    [key],
  );
  return [value, set];
}
