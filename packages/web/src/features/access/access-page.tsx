"use client";

import { useState } from "react";
import { giveToken, tokenIn } from "../../api/access-store.ts";
import { Button } from "../../ui/button.tsx";
import { CopyButton } from "../../ui/copy-button.tsx";
import { Wordmark } from "../../ui/wordmark.tsx";

/** What somebody sees who has no token, or one that the server refuses. */
export function AccessPage({ refused }: { refused: boolean }) {
  const [pasted, setPasted] = useState("");
  const token = tokenIn(pasted);
  return (
    <main className="flex h-dvh items-center justify-center overflow-y-auto px-6">
      <div className="flex w-full max-w-md flex-col gap-5 pb-[8vh]">
        <Wordmark />
        <div className="flex flex-col gap-2 text-prose">
          <h1 className="text-page font-semibold tracking-[-0.015em]">
            {refused ? "This link no longer opens the door" : "Open the page with its link"}
          </h1>
          <p className="text-ink-2">
            {refused
              ? "The API server does not know the token this browser has. It was made anew, or belongs to another data directory. Get the present link:"
              : "The page talks to an API server that runs commands on your machine, so it wants a token. The link that carries it is printed by"}
          </p>
        </div>
        <div className="flex items-center justify-between rounded-lg bg-sunk px-3 py-2 shadow-[inset_0_0_0_1px_var(--color-line)]">
          <code className="text-code">npm run open</code>
          <CopyButton text="npm run open" label="Copy command" />
        </div>
        <p className="text-ink-2">
          It is also the last line that <code className="text-code">./scripts/dev.sh</code> printed when it started.
        </p>
        <form
          className="flex gap-2 border-t pt-5"
          onSubmit={(event) => {
            event.preventDefault();
            if (token) giveToken(token);
          }}
        >
          <input
            value={pasted}
            onChange={(event) => setPasted(event.target.value)}
            type="password"
            autoComplete="off"
            aria-label="Link or token"
            placeholder="Or paste the link here"
            className="h-8 min-w-0 flex-1 rounded-md border border-line-strong bg-raise px-2.5 focus:border-accent"
          />
          <Button type="submit" look="primary" size="lg" disabled={!token}>
            Open
          </Button>
        </form>
      </div>
    </main>
  );
}
