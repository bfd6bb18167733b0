import type { OfferedModel } from "@background-agents/shared/models/catalogue";
import { formatCount } from "../../../lib/format.ts";

/** The models of an endpoint as sessions can use them. */
export function OfferedModels({
  models,
  defaultId,
}: {
  models: readonly OfferedModel[];
  defaultId: string | undefined;
}) {
  return (
    <ul className="flex flex-col pt-1">
      {models.map((model) => (
        <li key={model.id} className="grid gap-x-4 py-0.5 md:grid-cols-[11rem_minmax(0,1fr)]">
          <span className="break-words">{model.name}</span>
          <span className="text-ink-2">{modelWords(model, model.id === defaultId)}</span>
        </li>
      ))}
    </ul>
  );
}

function modelWords(model: OfferedModel, isDefault: boolean): string {
  const { available, reason, scripted, pricing, contextTokens } = model;
  const kind = scripted ? "scripted, not a language model" : `${formatCount(contextTokens)} context`;
  const price = pricing
    ? `$${pricing.inputUsd} in, $${pricing.outputUsd} out per million tokens`
    : "no price known: counts as $0";
  const parts = [isDefault && "default", !available && (reason ?? "not available"), kind, !scripted && price];
  return parts.filter(Boolean).join(" · ");
}
