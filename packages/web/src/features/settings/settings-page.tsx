"use client";

import { type OfferedModel, ProviderId } from "@background-agents/shared/models/catalogue";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useAccess } from "../../api/access-store.ts";
import { apiUrl } from "../../api/api-client.ts";
import { healthQuery, modelsQuery, repositoriesQuery } from "../../api/queries.ts";
import { setTheme, useTheme } from "../../api/theme.ts";
import { messageOf } from "../../lib/app-error.ts";
import { cn } from "../../lib/class-names.ts";
import { formatCount } from "../../lib/format.ts";
import { PROVIDER_NAMES } from "../../lib/provider-names.ts";
import { THEMES } from "../../lib/theme.ts";
import { PageFrame } from "../../ui/page-frame.tsx";
import { Segmented } from "../../ui/segmented.tsx";

const PROVIDERS = ProviderId.options;

/** How the page looks, and how what it runs on stands. Most settings live in `.env`, beside the code. */
export function SettingsPage() {
  const theme = useTheme((state) => state.theme);
  return (
    <PageFrame title="Settings">
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
      <Models />
      <Places />
    </PageFrame>
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

function Models() {
  const { data } = useQuery(modelsQuery);
  return (
    <Section
      title="Models"
      note={
        <>
          Keys are read from <code className="text-xs">.env</code> when the server starts and never enter a container.
        </>
      }
    >
      {PROVIDERS.map((provider) => {
        const models = (data?.models ?? []).filter((model) => model.provider === provider);
        return (
          models.length > 0 && <Provider key={provider} provider={provider} models={models} defaultId={data?.default} />
        );
      })}
    </Section>
  );
}

/** A provider without a key is one line: its models are named, the reason is said once. */
function Provider({
  provider,
  models,
  defaultId,
}: {
  provider: ProviderId;
  models: readonly OfferedModel[];
  defaultId: string | undefined;
}) {
  const reason = models.find(({ available }) => !available)?.reason;
  if (models.every(({ available }) => !available)) {
    return (
      <Row label={PROVIDER_NAMES[provider]}>
        <State ok={false} words={reason ?? "not available"} />
        <span className="block pl-4 text-ink-3">{models.map(({ name }) => name).join(", ")}</span>
      </Row>
    );
  }
  return models.map((model) => (
    <Row key={model.id} label={model.name} detail={model.id}>
      <State ok={model.available} words={modelWords(model, defaultId === model.id)} />
    </Row>
  ));
}

function modelWords(model: OfferedModel, isDefault: boolean): string {
  if (!model.available) return model.reason ?? "not available";
  const price = model.pricing
    ? `$${model.pricing.inputUsd} in, $${model.pricing.outputUsd} out per million tokens`
    : null;
  const kind = model.scripted ? "scripted, not a language model" : `${formatCount(model.contextTokens)} context`;
  return [isDefault ? "default" : null, kind, price].filter(Boolean).join(" · ");
}

function Places() {
  const { data } = useQuery(repositoriesQuery);
  const token = useAccess((state) => state.token);
  return (
    <Section title="Where things are">
      <Row label="Settings">
        <Path>.env</Path>
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

function Section({ title, note, children }: { title: string; note?: ReactNode; children: ReactNode }) {
  return (
    <section className="pb-9">
      <h2 className="text-title font-semibold">{title}</h2>
      {note && <p className="pt-0.5 text-ink-2">{note}</p>}
      <div className="mt-2.5 border-t">{children}</div>
    </section>
  );
}

function Row({ label, detail, children }: { label: string; detail?: string; children: ReactNode }) {
  return (
    <div className="flex flex-wrap items-baseline gap-x-4 gap-y-0.5 border-b py-2">
      <span className="w-44 shrink-0">
        {label}
        {detail && <span className="block truncate font-mono text-2xs text-ink-3">{detail}</span>}
      </span>
      <span className="min-w-0 flex-1 break-words text-ink-2 max-sm:basis-full">{children}</span>
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
