import type { Metadata } from "next";
import { ArchivedPage } from "../../features/archive/archived-page.tsx";

export const metadata: Metadata = { title: "Archived" };

export default function Page() {
  return <ArchivedPage />;
}
