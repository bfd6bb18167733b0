"use client";

import { messageOf } from "../lib/app-error.ts";
import { Button } from "./button.tsx";
import { Message } from "./message.tsx";

/** In the place of what could not be read: why, and another go. */
export function RetryMessage({ title, error, onRetry }: { title: string; error: unknown; onRetry: () => unknown }) {
  return (
    <Message title={title}>
      <p className="pb-3">{messageOf(error)}</p>
      <Button onClick={() => void onRetry()}>Try again</Button>
    </Message>
  );
}
