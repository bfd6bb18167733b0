"use client";

import { Button } from "../ui/button.tsx";
import { Message } from "../ui/message.tsx";

/** The page broke: the rest of the application goes on around it. */
export default function ErrorPage({ error, reset }: { error: Error; reset: () => void }) {
  return (
    <main className="flex flex-1 items-center justify-center">
      <Message title="This page broke">
        <p className="pb-3 break-words">{error.message}</p>
        <Button onClick={reset}>Show it again</Button>
      </Message>
    </main>
  );
}
