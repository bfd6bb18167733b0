"use client";

import type { RepositoryId } from "@background-agents/shared/ids";
import type { ImportSecretsAnswer } from "@background-agents/shared/protocol/guard-commands";
import { type SecretAudience, SHORTEST_SECRET } from "@background-agents/shared/secrets/secret";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { z } from "zod";
import { secretsQuery } from "../../../api/guard-queries.ts";
import { importSecrets } from "../../../api/secrets-client.ts";
import { messageOf } from "../../../lib/app-error.ts";
import { plural } from "../../../lib/format.ts";
import { DialogForm } from "../../../ui/dialog-form.tsx";
import { CheckField, RadioList } from "../../../ui/radio-list.tsx";
import { showToast } from "../../../ui/toast.tsx";
import { AUDIENCE_OPTIONS } from "./secret-dialog.tsx";

type Preview = z.infer<typeof ImportSecretsAnswer>;
type Found = Preview["found"][number];

const ACTION_WORDS: Record<Found["action"], string> = { add: "new", replace: "replaces", refuse: "left out" };

/** Takes secrets from the text of a `.env` file: first what is in it, then what of it is wanted. */
export function ImportDialog({ repository, onClose }: { repository: RepositoryId | null; onClose: () => void }) {
  const queries = useQueryClient();
  const [text, setText] = useState("");
  const [preview, setPreview] = useState<Preview | null>(null);
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [audience, setAudience] = useState<SecretAudience>("agent");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const scope = repository === null ? {} : { repository };

  async function act(): Promise<void> {
    setBusy(true);
    setProblem(null);
    try {
      if (preview === null) {
        const answer = await importSecrets({ ...scope, text, preview: true });
        setPreview(answer);
        setChosen(answer.found.filter(({ action }) => action !== "refuse").map(({ name }) => name));
      } else {
        const { stored } = await importSecrets({ ...scope, text, audience, names: [...chosen] });
        await queries.invalidateQueries(secretsQuery(repository));
        showToast({ text: `${plural(stored, "secret")} imported` });
        onClose();
      }
    } catch (failure) {
      setProblem(messageOf(failure));
    } finally {
      setBusy(false);
    }
  }

  return (
    <DialogForm
      title="Import a .env file"
      lead={preview ? foundWords(preview) : "Nothing is stored before you have seen what is in it."}
      act={preview ? `Import ${plural(chosen.length, "secret")}` : "Look"}
      disabled={busy || (preview ? chosen.length === 0 : text.trim() === "")}
      problem={problem}
      className="w-[min(38rem,calc(100vw-1.5rem))]"
      onClose={onClose}
      onAct={() => void act()}
    >
      {preview ? (
        <>
          <RadioList
            label="Who gets them"
            name="import-audience"
            value={audience}
            options={AUDIENCE_OPTIONS}
            onChange={setAudience}
          />
          <Names preview={preview} chosen={chosen} onChange={setChosen} />
        </>
      ) : (
        <Source text={text} onChange={setText} onProblem={setProblem} />
      )}
    </DialogForm>
  );
}

/** What was found, in one line, so that nothing is overlooked below the fold: `33 new, 2 replaced, 4 left out`. */
export function foundWords({ found, unreadLines }: Preview): string {
  const count = (action: Found["action"]) => found.filter((one) => one.action === action).length;
  const parts = [
    count("add") > 0 && `${count("add")} new`,
    count("replace") > 0 && `${count("replace")} in place of one there is`,
    count("refuse") > 0 && `${count("refuse")} left out`,
    unreadLines.length > 0 && `${plural(unreadLines.length, "line")} not understood`,
  ];
  return parts.filter(Boolean).join(", ");
}

function Source({
  text,
  onChange,
  onProblem,
}: {
  text: string;
  onChange: (text: string) => void;
  onProblem: (problem: string | null) => void;
}) {
  async function read(file: File): Promise<void> {
    try {
      onChange(await file.text());
      onProblem(null);
    } catch {
      // Gone, or not to be read by this user, since it was chosen.
      onProblem(`${file.name} could not be read. Choose it again, or paste its text.`);
    }
  }

  return (
    <>
      <label className="flex flex-col gap-1.5">
        <span className="text-ink-2">A file</span>
        <input
          type="file"
          onChange={({ target: { files } }) => files?.[0] && void read(files[0])}
          className="text-xs text-ink-2 file:mr-3 file:h-7 file:rounded-md file:border file:border-line-strong file:bg-raise file:px-2.5 file:text-sm file:text-ink"
        />
      </label>
      <label className="flex flex-col gap-1.5">
        <span className="text-ink-2">Or its text</span>
        <textarea
          value={text}
          rows={6}
          spellCheck={false}
          placeholder={"STAGING_API_KEY=…\nSENTRY_DSN=…"}
          onChange={(event) => onChange(event.target.value)}
          className="scroll-quiet max-h-64 resize-none rounded-md border border-line-strong bg-paper px-2.5 py-1.5 font-mono text-code [field-sizing:content] focus:border-accent max-md:text-[16px]"
        />
      </label>
    </>
  );
}

function Names({
  preview: { found, unreadLines },
  chosen,
  onChange,
}: {
  preview: Preview;
  chosen: readonly string[];
  onChange: (chosen: readonly string[]) => void;
}) {
  return (
    <div>
      <ul aria-label="Found in the file" className="flex flex-col gap-1">
        {found.map(({ name, length, action, reason }) => (
          <li key={name}>
            {action === "refuse" ? (
              <p className="pl-6 text-ink-3">
                <code className="text-code break-all">{name}</code> · {ACTION_WORDS.refuse}: {reason}
              </p>
            ) : (
              <CheckField
                checked={chosen.includes(name)}
                onChange={(checked) => onChange(checked ? [...chosen, name] : chosen.filter((other) => other !== name))}
              >
                <code className="text-code break-all">{name}</code>
                <span className="text-xs text-ink-3">
                  {" "}
                  · {plural(length, "character")} · {ACTION_WORDS[action]}
                  {action === "replace" && " the one there is"}
                  {length < SHORTEST_SECRET && " · too short to be blotted out"}
                </span>
              </CheckField>
            )}
          </li>
        ))}
      </ul>
      {found.length === 0 && <p className="text-ink-2">There is no assignment in it, such as NAME=value.</p>}
      {unreadLines.length > 0 && (
        <p className="pt-1.5 text-xs text-need">
          Not understood: {unreadLines.length === 1 ? "line" : "lines"} {unreadLines.join(", ")}
        </p>
      )}
    </div>
  );
}
