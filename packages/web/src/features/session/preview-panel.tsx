"use client";

import type { Session } from "@background-agents/shared/sessions/session";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { previewQuery } from "../../api/previews-client.ts";
import { useSession } from "../../api/use-session.tsx";
import { isLoopback } from "../../lib/api-url.ts";
import { messageOf } from "../../lib/app-error.ts";
import { Button } from "../../ui/button.tsx";
import { Message } from "../../ui/message.tsx";
import { Waiting } from "../../ui/waiting.tsx";
import { PreviewToolbar } from "./preview-toolbar.tsx";
import { StartSandbox } from "./start-sandbox.tsx";

/** The web applications that run in the sandbox, as they are. */
export function PreviewPanel() {
  const session = useSession((state) => state.session);
  const ports = useSession((state) => state.ports);
  const [chosen, setChosen] = useState<number | null>(null);
  const first = ports[0]?.port ?? null;
  // One that was looked at stays, also when it goes: it may come back.
  useEffect(() => {
    if (chosen === null && first !== null) setChosen(first);
  }, [chosen, first]);
  if (!session) return null;
  const port = chosen ?? first;
  const { status } = session.sandbox;
  if (!isLoopback(location.hostname)) {
    return (
      <Message title="Previews open on the server's own machine">
        They have addresses that lead to the machine of the browser, and this page is open under {location.hostname}.
        Through an SSH tunnel for the page, the API and PREVIEW_PORT they open here, too.
      </Message>
    );
  }
  if (status !== "ready" && status !== "booting") {
    return (
      <div className="flex min-h-0 flex-1 flex-col">
        <StartSandbox session={session} />
        <Message title="The sandbox does not run">
          Once it does, and the agent has started a web application in it, the application shows here.
        </Message>
      </div>
    );
  }
  if (port === null) {
    return (
      <Message title="Nothing listens in the sandbox yet">
        When the agent starts a web application there, it shows here. Ask it to leave the server running in the
        background.
      </Message>
    );
  }
  return <Preview key={port} session={session} port={port} onChoose={setChosen} />;
}

function Preview({ session, port, onChoose }: { session: Session; port: number; onChoose: (port: number) => void }) {
  const ports = useSession((state) => state.ports);
  const { data: url, error, refetch } = useQuery(previewQuery(session.id, port));
  const [path, setPath] = useState("/");
  const [loads, setLoads] = useState(0);
  const listens = ports.some((one) => one.port === port);
  const listened = useRef(listens);
  useEffect(() => {
    if (listens && !listened.current) setLoads((count) => count + 1);
    listened.current = listens;
  }, [listens]);

  function go(to: string): void {
    setPath(to);
    setLoads((count) => count + 1);
  }

  const address = url && new URL(path, url).href;
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <PreviewToolbar
        {...{ ports, port, listens, path, onChoose }}
        address={address ?? null}
        onGo={go}
        onReload={() => setLoads((count) => count + 1)}
      />
      {!listens && (
        <p role="status" className="border-b bg-need-soft px-4 py-1.5 text-need">
          Nothing listens on port {port} any more.
        </p>
      )}
      {error && !address ? (
        <Message title="The preview cannot be opened">
          <p>{messageOf(error)}</p>
          <Button className="mt-2" onClick={() => void refetch()}>
            Try again
          </Button>
        </Message>
      ) : address ? (
        <iframe
          key={loads}
          title={`Preview of port ${port}`}
          src={address}
          sandbox="allow-scripts allow-same-origin allow-forms"
          referrerPolicy="no-referrer"
          className="min-h-0 w-full flex-1 bg-raise"
        />
      ) : (
        <Waiting words="Opening the preview…" className="min-h-0 flex-1 px-6 py-10 text-center" />
      )}
      <p className="border-t px-4 py-1.5 text-2xs text-ink-3">
        Made by the agent: do not type passwords into it. It reaches its sandbox only; what it wants from other sites is
        blocked.
      </p>
    </div>
  );
}
