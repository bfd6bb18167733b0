"use client";

import { NetworkMode } from "@background-agents/shared/egress/network";
import type { Repository } from "@background-agents/shared/repositories/repository";
import { AgentPush } from "@background-agents/shared/sessions/approval";
import { PermissionMode, PublishMode } from "@background-agents/shared/sessions/session";
import { PROMPT_TEXT_LIMIT } from "@background-agents/shared/protocol/commands";
import { Budget } from "@background-agents/shared/usage/budget";
import { useQuery } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { type ReactNode, useState } from "react";
import { z } from "zod";
import { modelsQuery, repositoriesQuery } from "../../api/queries.ts";
import { messageOf } from "../../lib/app-error.ts";
import { Button } from "../../ui/button.tsx";
import { KeyHint } from "../../ui/key-hint.tsx";
import { ModelPicker } from "../../ui/model-picker.tsx";
import { PromptField } from "../../ui/prompt-field.tsx";
import { useLocal } from "../../ui/use-local.ts";
import { BranchPicker } from "./branch-picker.tsx";
import { CopiedFilesNote } from "./copied-files-note.tsx";
import { OptionsChip } from "./options-chip.tsx";
import { RepositoryPicker } from "./repository-picker.tsx";
import { ScriptedNote } from "./scripted-note.tsx";
import { differing, useUsualOptions, withChosen } from "./usual-options.ts";
import { startSession } from "./start-session.ts";

const Choice = z.object({ model: z.string(), effort: z.string().nullable() });
/** What was chosen here; the rest is as the repository's settings say. */
const Options = z.object({
  permissionMode: PermissionMode.optional(),
  publishMode: PublishMode.optional(),
  agentPush: AgentPush.optional(),
  networkMode: NetworkMode.optional(),
  budget: Budget.optional(),
});

/** Writes the first prompt and picks what it is about. `addRepository` makes the button that registers one. */
export function NewSession({ addRepository }: { addRepository: (close: () => void) => ReactNode }) {
  const router = useRouter();
  const repositories = useQuery(repositoriesQuery).data?.repositories ?? [];
  const models = useQuery(modelsQuery).data;
  const [text, setText] = useLocal("draft.new", z.string(), "");
  const [repositoryId, setRepositoryId] = useLocal("new.repository", z.string().nullable(), null);
  const [remembered, setChoice] = useLocal("new.model", Choice.nullable(), null);
  const [chosen, setChosen] = useLocal("new.choices", Options, {});
  const [branch, setBranch] = useState<string | null>(null);
  const [starting, setStarting] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  const repository = pickRepository(repositories, repositoryId);
  const usual = useUsualOptions(repository);
  const usable = models?.models.some(({ id, available }) => available && id === remembered?.model);
  const choice = remembered && usable ? remembered : { model: models?.default ?? "", effort: null };
  const model = models?.models.find(({ id }) => id === choice.model);
  const missing = reasonNotToStart({ text, repository, ready: model !== undefined });

  async function start(): Promise<void> {
    if (missing || !repository || starting) return;
    setStarting(true);
    setProblem(null);
    try {
      const session = await startSession({ text, repository, branch, ...choice, options: chosen });
      setText("");
      router.push(`/sessions/${session.id}`);
    } catch (error) {
      setProblem(messageOf(error));
      setStarting(false);
    }
  }

  return (
    <div className="flex flex-col gap-2">
      <PromptField
        autoFocus
        isNewSession
        minRows={3}
        label="What should the agent do?"
        placeholder="What should the agent do?"
        value={text}
        onChange={(value) => {
          setText(value);
          setProblem(null);
        }}
        onSubmit={() => void start()}
        chips={
          <>
            <RepositoryPicker
              repositories={repositories}
              repository={repository}
              onPick={(id) => {
                setRepositoryId(id);
                setBranch(null);
              }}
              footer={addRepository}
            />
            {repository && <BranchPicker repository={repository} branch={branch} onPick={setBranch} />}
            {models && <ModelPicker models={models.models} choice={choice} onChoose={setChoice} />}
            <OptionsChip
              options={withChosen(usual.options, chosen)}
              budget={chosen.budget ?? null}
              usualBudget={usual.budget}
              onChange={(options, budget) =>
                setChosen({ ...differing(options, usual.options), ...(budget && { budget }) })
              }
            />
          </>
        }
        actions={
          <Button
            look="primary"
            disabled={missing !== null || starting}
            title={missing ?? undefined}
            onClick={() => void start()}
          >
            {starting ? "Starting…" : "Start"}
            <KeyHint keys="mod+enter" className="text-current opacity-75" />
          </Button>
        }
      />
      {problem && (
        <p role="alert" className="px-3.5 text-fail">
          {problem}
        </p>
      )}
      {text.length > PROMPT_TEXT_LIMIT && <p className="px-3.5 text-fail">{missing}</p>}
      {repository && <CopiedFilesNote repository={repository} />}
      {model?.scripted && <ScriptedNote />}
    </div>
  );
}

function pickRepository(repositories: readonly Repository[], id: string | null): Repository | null {
  const usable = repositories.filter(({ problem }) => problem === null);
  return usable.find((repository) => repository.id === id) ?? usable[0] ?? null;
}

function reasonNotToStart(form: { text: string; repository: Repository | null; ready: boolean }): string | null {
  if (!form.repository) return "Choose a repository first";
  if (!form.ready) return "The models are not known yet";
  if (form.text.trim() === "") return "Write what the agent should do";
  if (form.text.length > PROMPT_TEXT_LIMIT) {
    return `The prompt is longer than ${PROMPT_TEXT_LIMIT.toLocaleString("en")} characters: put long material into a file of the repository and name it.`;
  }
  return null;
}
