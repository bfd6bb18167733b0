import type { Metadata } from "next";
import { RepositoriesPage } from "../../features/repositories/repositories-page.tsx";

export const metadata: Metadata = { title: "Repositories" };

export default function Page() {
  return <RepositoriesPage />;
}
