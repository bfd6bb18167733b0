"use client";

import type { OfferedModel } from "@background-agents/shared/models/catalogue";
import { Chip } from "./chip.tsx";
import { Picker } from "./picker.tsx";

export interface ModelChoice {
  model: string;
  effort: string | null;
}

const PROVIDER_NAMES: Record<string, string> = { anthropic: "Anthropic", openai: "OpenAI", demo: "Without a key" };
const DEFAULT_EFFORT = "default";

/** Two chips: the model, and how hard it thinks where it can be told. */
export function ModelPicker({
  models,
  choice,
  onChoose,
}: {
  models: readonly OfferedModel[];
  choice: ModelChoice;
  onChoose: (choice: ModelChoice) => void;
}) {
  const current = models.find(({ id }) => id === choice.model);
  const efforts = current?.efforts ?? [];
  return (
    <>
      <Picker
        placeholder="Search models"
        value={choice.model}
        options={models.map((model) => ({
          value: model.id,
          label: model.name,
          group: PROVIDER_NAMES[model.provider] ?? model.provider,
          keywords: [model.id],
          disabled: !model.available,
          ...(model.available ? {} : { detail: model.reason ?? "not available" }),
          ...(model.scripted ? { note: "scripted demo" } : {}),
        }))}
        onPick={(id) => {
          const next = models.find((model) => model.id === id);
          const keepsEffort = choice.effort !== null && next?.efforts.includes(choice.effort);
          onChoose({ model: id, effort: keepsEffort ? choice.effort : null });
        }}
        trigger={
          <Chip aria-label={`Model: ${current?.name ?? choice.model}`} className="text-ink">
            {current?.name ?? choice.model}
          </Chip>
        }
      />
      {efforts.length > 0 && (
        <Picker
          placeholder="Effort"
          value={choice.effort ?? DEFAULT_EFFORT}
          options={[DEFAULT_EFFORT, ...efforts].map((effort) => ({ value: effort, label: effort }))}
          onPick={(effort) => onChoose({ ...choice, effort: effort === DEFAULT_EFFORT ? null : effort })}
          trigger={<Chip aria-label={`Effort: ${choice.effort ?? DEFAULT_EFFORT}`}>effort {choice.effort ?? DEFAULT_EFFORT}</Chip>}
        />
      )}
    </>
  );
}
