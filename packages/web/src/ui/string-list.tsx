"use client";

import { X } from "lucide-react";
import { useId, useState } from "react";
import { Button } from "./button.tsx";
import { TextField } from "./text-field.tsx";

const FEW = 6;

/** A list of short words that is added to and taken from; several can be pasted at once. */
export function StringList({
  label,
  values,
  above = [],
  onChange,
  placeholder,
  check,
  clean = (word) => word,
  empty,
}: {
  label: string;
  values: readonly string[];
  /** What is on the list by way of all repositories: shown, not taken off here. */
  above?: readonly string[];
  onChange: (values: string[]) => void;
  placeholder: string;
  /** Why a word cannot be on the list; null where it can. */
  check: (word: string) => string | null;
  clean?: (word: string) => string;
  empty?: string;
}) {
  const [text, setText] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const problemId = useId();
  const inherited = above.filter((value) => !values.includes(value));

  function add(): void {
    const words = text.split(/[\s,]+/).flatMap((word) => (word === "" ? [] : [clean(word)]));
    const [wrong] = words.flatMap((word) => {
      const why = check(word);
      return why === null ? [] : [`“${word}” ${why}`];
    });
    setProblem(wrong ?? null);
    if (wrong !== undefined || words.length === 0) return;
    onChange([...new Set([...values, ...words])]);
    setText("");
  }

  return (
    <div className="min-w-0">
      <div className="flex gap-2">
        <TextField
          aria-label={`Add to: ${label}`}
          aria-invalid={problem !== null}
          aria-describedby={problem ? problemId : undefined}
          value={text}
          placeholder={placeholder}
          onChange={(event) => {
            setText(event.target.value);
            setProblem(null);
          }}
          // It may stand in a form of something larger, which Enter must not send.
          onKeyDown={(event) => {
            if (event.key !== "Enter" || event.metaKey || event.ctrlKey) return;
            event.preventDefault();
            add();
          }}
          className="flex-1 font-mono text-code"
        />
        <Button className="h-8" disabled={text.trim() === ""} onClick={add}>
          Add
        </Button>
      </div>
      {problem && (
        <p id={problemId} role="alert" className="pt-1 break-words text-fail">
          {problem}
        </p>
      )}
      {values.length + inherited.length === 0 && empty && <p className="pt-1.5 text-ink-3">{empty}</p>}
      <ul aria-label={label} className="flex flex-col pt-1 empty:hidden">
        {values.map((value) => (
          <li key={value} className="flex min-h-7 items-center gap-3">
            <code className="min-w-0 flex-1 text-code wrap-anywhere">{value}</code>
            <Button
              look="quiet"
              size="icon"
              className="size-6"
              aria-label={`Take ${value} off the list`}
              onClick={() => onChange(values.filter((other) => other !== value))}
            >
              <X size={13} />
            </Button>
          </li>
        ))}
      </ul>
      {inherited.length > 0 && <Inherited label={label} values={inherited} />}
    </div>
  );
}

/** Few are in view, many one click deeper. */
function Inherited({ label, values }: { label: string; values: readonly string[] }) {
  return (
    <details open={values.length <= FEW} className="pt-1">
      <summary className="w-max text-xs text-ink-3 hover:text-ink">From all repositories: {values.length}</summary>
      <ul aria-label={`${label} from all repositories`} className="flex flex-col pt-0.5">
        {values.map((value) => (
          <li key={value} className="flex min-h-6 items-center">
            <code className="min-w-0 text-code wrap-anywhere text-ink-2">{value}</code>
          </li>
        ))}
      </ul>
    </details>
  );
}
