import { Plus, X } from "lucide-react";
import { Button } from "../../../ui/button.tsx";
import { TextField } from "../../../ui/text-field.tsx";
import { type ModelDraft, NO_MODEL } from "./endpoint-draft.ts";

const FIELDS = [
  { key: "contextTokens", label: "context tokens", placeholder: "128k" },
  { key: "inputUsd", label: "price in, dollars per million tokens", placeholder: "$ in" },
  { key: "outputUsd", label: "price out, dollars per million tokens", placeholder: "$ out" },
] as const;

/** The models of an endpoint, as it calls them, with what the budget needs to know. */
export function ModelFields({
  models,
  onChange,
}: {
  models: readonly ModelDraft[];
  onChange: (models: ModelDraft[]) => void;
}) {
  const put = (at: number, change: Partial<ModelDraft>) =>
    onChange(models.map((model, place) => (place === at ? { ...model, ...change } : model)));
  return (
    <fieldset className="min-w-0">
      <legend className="pb-1 text-ink-2">
        Models{" "}
        <span className="text-xs text-ink-3">as the server calls them · context · $ per million tokens in, out</span>
      </legend>
      <ul className="flex flex-col gap-2">
        {models.map((model, at) => (
          // oxlint-disable-next-line react/no-array-index-key -- a model that is being written has no name yet
          <li
            key={at}
            className="grid grid-cols-[1fr_1fr_1fr_auto] gap-1.5 md:grid-cols-[minmax(0,1fr)_5rem_4.5rem_4.5rem_auto]"
          >
            <TextField
              aria-label={`Model ${at + 1}`}
              value={model.id}
              placeholder="qwen3:32b"
              onChange={(event) => put(at, { id: event.target.value })}
              className="font-mono text-code max-md:col-span-4"
            />
            {FIELDS.map(({ key, label, placeholder }) => (
              <TextField
                key={key}
                aria-label={`Model ${at + 1}: ${label}`}
                title={label}
                inputMode="decimal"
                value={model[key]}
                placeholder={placeholder}
                onChange={(event) => put(at, { [key]: event.target.value })}
              />
            ))}
            <Button
              look="quiet"
              size="icon"
              className="size-8"
              aria-label={`Remove model ${at + 1}`}
              onClick={() => onChange(models.filter((_, place) => place !== at))}
            >
              <X size={13} />
            </Button>
          </li>
        ))}
      </ul>
      <Button look="quiet" className="mt-1 -ml-2" onClick={() => onChange([...models, NO_MODEL])}>
        <Plus size={13} aria-hidden />
        Add a model
      </Button>
    </fieldset>
  );
}
