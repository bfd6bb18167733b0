import { startSystem } from "./start-system.ts";

/**
 * Starts one system for the whole run, with a data directory of its own. The tests find it in the environment:
 * E2E_URL (the page, with its token), E2E_API_URL, E2E_TOKEN, E2E_REPOS_DIR, E2E_DATA_DIR.
 */
export default async function globalSetup(): Promise<() => Promise<void>> {
  const system = await startSystem();
  process.env["E2E_URL"] = system.url;
  process.env["E2E_API_URL"] = system.apiUrl;
  process.env["E2E_TOKEN"] = system.token;
  process.env["E2E_REPOS_DIR"] = system.reposDir;
  process.env["E2E_DATA_DIR"] = system.dataDir;
  return system.stop;
}
