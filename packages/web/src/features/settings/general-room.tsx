"use client";

import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useAccess } from "../../api/access-store.ts";
import { apiUrl } from "../../api/api-client.ts";
import { healthQuery, repositoriesQuery } from "../../api/queries.ts";
import { setTheme, useTheme } from "../../api/theme.ts";
import { messageOf } from "../../lib/app-error.ts";
import { cn } from "../../lib/class-names.ts";
import { THEMES } from "../../lib/theme.ts";
import { Segmented } from "../../ui/segmented.tsx";

/** How the page looks, and how what it runs on stands. */
export function GeneralRoom() {
  const theme = useTheme((state) => state.theme);
  return (
    <>
      <Section title="Appearance">
        <Row label="Theme">
          <Segmented
            label="Theme"
            value={theme}
            onChange={setTheme}
            options={THEMES.map((value) => ({ value, label: value }))}
          />
        </Row>
      </Section>
      <Health />
      <Places />
    </>
  );
}

function Health() {
  const { data, error } = useQuery(healthQuery);
  const { docker, sandboxImage, gitCredentials } = data ?? {};
  return (
    <Section title="Health">
      <Row label="API server">
        <State
          ok={data !== undefined}
          words={data ? `answers, version ${data.version}` : error ? messageOf(error) : "asking…"}
        />
      </Row>
      {docker && (
        <Row label="Docker engine">
          <State
            ok={docker.status === "ok"}
            words={
              docker.status === "ok"
                ? `answers${docker.version ? `, ${docker.version}` : ""}`
                : (docker.message ?? "does not answer")
            }
          />
        </Row>
      )}
      {sandboxImage && (
        <Row label="Sandbox image">
          <State
            ok={sandboxImage.status === "ok"}
            words={`${sandboxImage.name}${sandboxImage.status === "missing" ? " is not built: ./scripts/dev.sh builds it" : ""}`}
          />
        </Row>
      )}
      {gitCredentials && (
        <Row label="Git in sandboxes">
          <State ok={gitCredentials !== "mount"} words={GIT_WORDS[gitCredentials]} />
        </Row>
      )}
    </Section>
  );
}

const GIT_WORDS = {
  broker: "by way of the server, which asks you; no credential is inside",
  mount: "with your own credentials: the agent can read your SSH keys, git configuration and gh login",
  none: "without remotes: nothing can be pushed or fetched from inside",
};

function Places() {
  const { data } = useQuery(repositoriesQuery);
  const token = useAccess((state) => state.token);
  return (
    <Section title="Where things are">
      <Row label="Settings">
        Here, and in <Path>.env</Path> beside the code; what is set here wins.
      </Row>
      {data && (
        <Row label="Repositories">
          <Path>{data.reposDir}</Path>
        </Row>
      )}
      <Row label="API">
        <Path>{apiUrl()}</Path>
      </Row>
      <Row label="API reference">
        <a
          href={`${apiUrl()}/api/docs#token=${token ?? ""}`}
          target="_blank"
          rel="noreferrer"
          className="text-accent underline underline-offset-2"
        >
          {apiUrl()}/api/docs
        </a>
      </Row>
    </Section>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="pb-9">
      <h2 className="text-title font-semibold">{title}</h2>
      <div className="mt-2.5 border-t">{children}</div>
    </section>
  );
}

function Row({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="flex flex-wrap items-baseline gap-x-4 gap-y-0.5 border-b py-2">
      <span className="w-44 shrink-0">{label}</span>
      <span className="min-w-0 flex-1 break-words text-ink-2 max-md:basis-full">{children}</span>
    </div>
  );
}

function State({ ok, words }: { ok: boolean; words: string }) {
  return (
    <span className="flex items-baseline gap-2">
      <span
        role="img"
        aria-label={ok ? "ready" : "not ready"}
        className={cn(
          "size-2 shrink-0 -translate-y-px",
          ok ? "rounded-full bg-good" : "rounded-xs border-[1.5px] border-ink-3",
        )}
      />
      <span className="min-w-0">{words}</span>
    </span>
  );
}

function Path({ children }: { children: ReactNode }) {
  return <code className="text-code break-all">{children}</code>;
}
