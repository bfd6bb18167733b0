import { SessionId } from "@background-agents/shared/ids";
import { notFound } from "next/navigation";
import { SessionPage } from "./session-page.tsx";

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  const id = SessionId.safeParse((await params).id);
  if (!id.success) notFound();
  return <SessionPage key={id.data} sessionId={id.data} />;
}
