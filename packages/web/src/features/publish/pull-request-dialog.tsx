"use client";

import { useState } from "react";
import { z } from "zod";
import { closeSessionDialog } from "../../api/session-dialog.ts";
import { useSessionStore } from "../../api/use-session.tsx";
import { plural } from "../../lib/format.ts";
import { Button } from "../../ui/button.tsx";
import { DialogForm, FormField } from "../../ui/dialog-form.tsx";
import { ExecutedWarning } from "../../ui/executed-warning.tsx";
import { Markdown } from "../../ui/markdown.tsx";
import { CheckField } from "../../ui/radio-list.tsx";
import { Segmented } from "../../ui/segmented.tsx";
import { TextField } from "../../ui/text-field.tsx";
import { useLocal } from "../../ui/use-local.ts";
import { BaseField } from "./base-field.tsx";
import { GhProblem, NoPlace } from "./pull-request-obstacle.tsx";
import { RemoteField } from "./remote-field.tsx";
import { useProposal } from "./use-proposal.ts";
import { useStartJob } from "./use-start-job.ts";

const Draft = z.object({
  title: z.string().optional(),
  body: z.string().optional(),
  base: z.string().optional(),
  remote: z.string().optional(),
  isDraft: z.boolean().optional(),
});

/** Opens a pull request with the user's `gh`; pushes first where the remote lacks the work. What was written stays. */
export function PullRequestDialog() {
  const { sessionId } = useSessionStore();
  const { proposal, loadProblem, waiting, executed, read, setRead, unread, acknowledged } = useProposal();
  const [draft, setDraft] = useLocal(`draft.pull-request.${sessionId}`, Draft, {});
  const { start, starting, problem } = useStartJob(() => setDraft({}));
  const [view, setView] = useState<"write" | "preview">("write");
  const change = (more: z.infer<typeof Draft>) => setDraft({ ...draft, ...more });

  const title = draft.title ?? proposal?.title ?? "";
  const body = draft.body ?? proposal?.body ?? "";
  const isDraft = draft.isDraft ?? false;
  const places = (proposal?.remotes ?? []).filter(({ repository }) => repository !== null);
  // The remote that pushes go to need not be one that takes pull requests.
  const [place] = [draft.remote, proposal?.remote]
    .flatMap((wanted) => places.filter(({ name }) => name === wanted))
    .concat(places);
  const bases = place?.bases ?? [];
  const base = draft.base !== undefined && bases.includes(draft.base) ? draft.base : (place?.base ?? "");
  const blocked = place?.gh?.status !== "ok";
  const touched = draft.title !== undefined || draft.body !== undefined;

  return (
    <DialogForm
      className="w-[min(44rem,calc(100vw-1.5rem))]"
      title="Pull request"
      lead={place && `${place.branch} → ${base}. The branch is pushed first.`}
      act={starting ? "Starting…" : isDraft ? "Open as draft" : "Open pull request"}
      disabled={starting || unread || blocked || title.trim() === "" || base === ""}
      problem={problem ?? loadProblem}
      waiting={waiting}
      onClose={closeSessionDialog}
      onAct={() =>
        start({
          kind: "pull-request",
          body: { title: title.trim(), body, base, draft: isDraft, remote: place?.name ?? "", ...acknowledged },
        })
      }
    >
      {proposal && (place ? <GhProblem place={place} /> : <NoPlace remotes={proposal.remotes} />)}
      {proposal && proposal.openComments > 0 && (
        <p className="text-need">
          {plural(proposal.openComments, "review comment")} of yours {proposal.openComments === 1 ? "is" : "are"} still
          open.
        </p>
      )}
      <FormField label="Title">
        <TextField
          spellCheck
          value={title}
          maxLength={256}
          disabled={!proposal}
          onChange={(event) => change({ title: event.target.value })}
        />
      </FormField>
      <div className="flex min-w-0 flex-col gap-1.5">
        <div className="flex items-center gap-3">
          <span className="text-ink-2">Text</span>
          <Segmented
            label="Text"
            value={view}
            onChange={setView}
            options={[
              { value: "write", label: "Write" },
              { value: "preview", label: "Preview" },
            ]}
          />
          {touched && (
            <Button
              look="quiet"
              size="sm"
              className="ml-auto"
              onClick={() => {
                const { title: _title, body: _body, ...rest } = draft;
                setDraft(rest);
              }}
            >
              Back to the proposal
            </Button>
          )}
        </div>
        {view === "write" ? (
          <textarea
            aria-label="Text of the pull request"
            value={body}
            rows={9}
            maxLength={65_536}
            disabled={!proposal}
            onChange={(event) => change({ body: event.target.value })}
            className="scroll-quiet max-h-[28vh] min-h-40 resize-none rounded-md border border-line-strong bg-paper px-2.5 py-2 text-prose [field-sizing:content] focus:border-accent max-md:text-[16px]"
          />
        ) : (
          <div className="scroll-quiet max-h-[28vh] min-h-40 overflow-y-auto rounded-md border px-3 py-2">
            {body.trim() === "" ? <p className="text-ink-3">No text</p> : <Markdown text={body} />}
          </div>
        )}
      </div>
      <div className="flex flex-wrap items-center gap-x-6 gap-y-3">
        {place && <BaseField bases={bases} base={base} onChange={(next) => change({ base: next })} />}
        <CheckField checked={isDraft} onChange={(next) => change({ isDraft: next })}>
          As a draft
        </CheckField>
      </div>
      <RemoteField remotes={places} remote={place?.name ?? null} onChange={(next) => change({ remote: next })} />
      <ExecutedWarning files={executed} checked={read} onChange={setRead} />
    </DialogForm>
  );
}
