import type { OfferedModel } from "@background-agents/shared/models/catalogue";
import { formatCount } from "../../../lib/format.ts";

/** The models of an endpoint as sessions can use them. */
export function OfferedModels({ models }: { models: readonly OfferedModel[] }) {
  return (
    <ul className="flex flex-col pt-1">
      {models.map((model) => (
        <li key={model.id} className="grid gap-x-4 py-0.5 md:grid-cols-[11rem_minmax(0,1fr)]">
          <span className="break-words">{model.name}</span>
          <span className="text-ink-2">{modelWords(model)}</span>
        </li>
      ))}
    </ul>
  );
}

function modelWords({ available, reason, pricing, contextTokens }: OfferedModel): string {
  const context = `${formatCount(contextTokens)} context`;
  const price = pricing
    ? `$${pricing.inputUsd} in, $${pricing.outputUsd} out per million tokens`
    : "no price known: counts as $0";
  return [available ? null : (reason ?? "not available"), context, price].filter(Boolean).join(" · ");
}
