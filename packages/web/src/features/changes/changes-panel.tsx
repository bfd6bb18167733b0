"use client";

import { useSession } from "../../api/use-session.tsx";
import { Message } from "../../ui/message.tsx";
import { ReviewView } from "./review-view.tsx";

/** What came out: the changes of the session, to be read and commented. */
export function ChangesPanel() {
  const known = useSession((state) => state.session !== null);
  const hasWork = useSession((state) => state.live !== null || (state.session?.lastCheckpointId ?? null) !== null);
  const working = useSession(
    (state) => state.session !== null && state.session.status !== "idle" && state.session.status !== "failed",
  );
  if (!known) return null;
  if (!hasWork) return <NothingYet working={working} />;
  return <ReviewView />;
}

function NothingYet({ working }: { working: boolean }) {
  return (
    <Message title={working ? "Nothing changed yet" : "No changes yet"}>
      {working ? "What the agent changes appears here while it works." : "What the agent changes appears here."}
    </Message>
  );
}
