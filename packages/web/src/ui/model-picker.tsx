"use client";

import type { OfferedModel } from "@background-agents/shared/models/catalogue";
import { providerName } from "../lib/provider-names.ts";
import { Chip } from "./chip.tsx";
import { Picker, type PickerOption } from "./picker.tsx";

export interface ModelChoice {
  model: string;
  effort: string | null;
}

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
        options={toOptions(models)}
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
          trigger={
            <Chip aria-label={`Effort: ${choice.effort ?? DEFAULT_EFFORT}`}>
              effort {choice.effort ?? DEFAULT_EFFORT}
            </Chip>
          }
        />
      )}
    </>
  );
}

/** What can be used comes first; why the rest cannot is said once, over each provider's models. */
function toOptions(models: readonly OfferedModel[]): PickerOption[] {
  const inOrder = models.toSorted((a, b) => Number(b.available) - Number(a.available));
  return inOrder.map((model) => {
    const provider = model.providerName ?? providerName(model.provider);
    return {
      value: model.id,
      label: model.name,
      group: model.available ? provider : `${provider} · ${model.reason ?? "not available"}`,
      keywords: [model.id],
      disabled: !model.available,
      ...(model.scripted ? { note: "not a language model" } : {}),
    };
  });
}
