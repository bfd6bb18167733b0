"use client";

import { Clock } from "lucide-react";
import { useNow } from "../../ui/use-now.ts";

/** The model's provider asks to wait: why, and how long still. */
export function RetryLine({ retry }: { retry: { attempt: number; message: string; nextAt: string; over: boolean } }) {
  const now = useNow(500, !retry.over);
  const seconds = Math.ceil((Date.parse(retry.nextAt) - now) / 1000);
  return (
    <p className="flex gap-2.5 py-1 text-ink-2">
      <Clock size={15} className="mt-0.5 shrink-0 text-ink-3" aria-hidden />
      <span className="min-w-0 break-words">
        {retry.message}
        <span className="text-ink-3">
          {" · "}
          {retry.over
            ? `tried again (${retry.attempt})`
            : `retry ${retry.attempt} ${seconds > 0 ? `in ${seconds} s` : "now"}`}
        </span>
      </span>
    </p>
  );
}
