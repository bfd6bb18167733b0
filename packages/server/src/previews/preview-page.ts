import type { TunnelFailure } from "./preview-tunnels.ts";

export type PreviewProblem = TunnelFailure | "unknown" | "service-worker" | "not-http" | "leads-away";

interface ProblemPage {
  status: number;
  title: string;
  text: string;
  /** Looks again by itself: it may be there in a moment. */
  retries?: true;
}

/** What is shown where the application itself has nothing to say. */
export function describeProblem(problem: PreviewProblem, port: number | undefined): ProblemPage {
  switch (problem) {
    case "unknown":
      return {
        status: 421,
        title: "No preview has this address",
        text: "It was never given, or is over: addresses end with their session, and with the server. Open the preview from the session's page again.",
      };
    case "not-running":
      return {
        status: 503,
        title: "The sandbox does not run",
        text: "Start it from the session's page, have the agent start the application again, then reload.",
      };
    case "nothing-listens":
      return {
        status: 502,
        title: `Nothing listens on port ${port} in the sandbox`,
        text: "The application has not started yet, or has ended. This page looks again every few seconds.",
        retries: true,
      };
    case "not-http":
      return {
        status: 502,
        title: `What listens on port ${port} gave no answer`,
        text: "It ended the connection, or does not speak HTTP. Look at what the application printed, then reload.",
      };
    case "leads-away":
      return {
        status: 403,
        title: "This leads to another site",
        text: "The application sent the browser elsewhere. A preview stays with its sandbox: what it takes along could be the session's.",
      };
    case "no-answer":
      return {
        status: 504,
        title: "The sandbox does not answer",
        text: "It may be busy. This page looks again every few seconds.",
        retries: true,
      };
    case "too-many":
      return {
        status: 503,
        title: "Too many connections",
        text: "This session's previews have as many connections open as they may. Close some of their tabs, then reload.",
      };
    case "service-worker":
      return {
        status: 403,
        title: "No service workers",
        text: "A service worker could answer in place of the sandbox, without the preview's guards.",
      };
  }
}

/** The page of a problem: plain, without script. `title` and `text` are our own words. */
export function renderProblem({ title, text, retries }: ProblemPage): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
${retries ? '<meta http-equiv="refresh" content="3">\n' : ""}<title>${title}</title>
<style>
:root { color-scheme: light dark; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; font: 14px/22px system-ui, sans-serif; background: light-dark(#fbfaf8, #131211); color: light-dark(#1d1b18, #eceae6); }
main { max-width: 46ch; padding: 24px; }
h1 { margin: 0 0 4px; font-size: 15px; font-weight: 600; }
p { margin: 0; color: light-dark(#5f5a52, #a8a29a); }
</style>
<main><h1>${title}</h1><p>${text}</p></main>
</html>
`;
}

/** For our own pages: nothing but their style. */
export const PROBLEM_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";
