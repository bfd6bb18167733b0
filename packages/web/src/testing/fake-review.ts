import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type CheckpointId, CommentId, newId, type PromptId } from "@background-agents/shared/ids";
import {
  AddCommentBody,
  DiscardBody,
  MarkViewedBody,
  SendCommentsBody,
  UpdateCommentBody,
} from "@background-agents/shared/protocol/review-commands";
import type { NewSessionEvent, SessionEvent } from "@background-agents/shared/protocol/session-events";
import type { ReviewComment } from "@background-agents/shared/reviews/comment";
import { ChangedFile, type Checkpoint, type Prompt, type Session } from "@background-agents/shared/sessions/session";
import { CANNED_FILES, type CannedFile } from "./canned-review.ts";

export type FakeAnswer =
  | { status: number; body: unknown; mediaType?: never }
  | { status: number; body: string | Buffer; mediaType: string };

export interface FakeReview {
  /** The answer to a request below `/api/sessions/:id`; undefined where it is of something else. */
  answer(request: { method: string; url: URL; body: unknown }): FakeAnswer | undefined;
  /** Takes notice of checkpoints, and lets the agent deal with comments at the end of the turn that got them. */
  observe(event: SessionEvent): void;
  close(): void;
}

/** The routes around a review, on a handful of canned files. Patches are made by git, all else keeps only the contract. */
export function createFakeReview(deps: {
  session: Session;
  record: (event: NewSessionEvent) => void;
  show: (change: Partial<Session>) => void;
  takePrompt: (text: string) => Prompt;
  files?: readonly CannedFile[];
}): FakeReview {
  const { session, record, show, takePrompt } = deps;
  const directory = mkdtempSync(join(tmpdir(), "fake-review-"));
  let files = [...(deps.files ?? CANNED_FILES)];
  const viewed = new Set<string>();
  const comments: ReviewComment[] = [];
  const checkpoints: Checkpoint[] = [];
  /** How the prompts that are over ended. */
  const ends = new Map<PromptId, string>();

  function changes(to: string) {
    // While a turn runs it has not come to the last file yet.
    const shown = to === "live" ? files.slice(0, Math.max(1, files.length - 1)) : files;
    const answered = shown.map((file) => describe(file, viewed.has(file.path)));
    return {
      files: answered,
      totals: {
        files: answered.length,
        additions: answered.reduce((sum, { additions }) => sum + additions, 0),
        deletions: answered.reduce((sum, { deletions }) => sum + deletions, 0),
      },
    };
  }

  function patchOf(file: CannedFile, flags: string[]): string {
    const sides = [writeSide("a", file.oldPath ?? file.path, file.before), writeSide("b", file.path, file.after)];
    const run = spawnSync("git", ["diff", "--no-index", ...flags, "--", ...sides], {
      cwd: directory,
      encoding: "utf8",
      maxBuffer: 1e9,
    });
    return run.stdout
      .replaceAll(/^(diff --git )a\/(?:a|b)\/(.*) b\/(?:a|b)\/(.*)$/gm, "$1a/$2 b/$3")
      .replaceAll(/^(---|\+\+\+) ([ab])\/[ab]\//gm, "$1 $2/");
  }

  function writeSide(side: string, path: string, content: string | Buffer | null): string {
    if (content === null) return "/dev/null";
    const file = join(directory, side, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    return join(side, path);
  }

  function add(body: unknown): FakeAnswer {
    const { id = newId("comment"), text, ...anchor } = AddCommentBody.parse(body);
    const file = files.find(({ path }) => path === anchor.path);
    const content = String((anchor.side === "new" ? file?.after : file?.before) ?? "");
    const quote = content
      .split("\n")
      .slice(anchor.lines.start - 1, anchor.lines.end)
      .join("\n");
    const comment: ReviewComment = {
      id,
      sessionId: session.id,
      text,
      status: "draft",
      anchor: { ...anchor, quote },
      current: { path: anchor.path, lines: anchor.lines },
      promptId: null,
      outcome: null,
      createdAt: new Date().toISOString(),
      sentAt: null,
      closedAt: null,
    };
    comments.push(comment);
    record({ type: "comment.added", actor: "user", data: { comment } });
    count();
    return { status: 201, body: { comment } };
  }

  function update(id: string, body: unknown): FakeAnswer {
    const comment = comments.find((one) => one.id === id);
    if (!comment) return refusal(404, "comment.not-found", "There is no such comment.");
    const { text, status } = UpdateCommentBody.parse(body);
    if (text !== undefined) {
      comment.text = text;
      record({ type: "comment.edited", actor: "user", data: { commentId: comment.id, text } });
    }
    if (status === "resolved") {
      comment.status = "resolved";
      record({
        type: "comment.resolved",
        actor: "user",
        data: { commentId: comment.id, status, outcome: comment.outcome },
      });
    }
    if (status === "sent") {
      comment.status = "sent";
      record({ type: "comment.reopened", actor: "user", data: { commentId: comment.id } });
    }
    count();
    return { status: 200, body: { comment } };
  }

  function remove(id: string): FakeAnswer {
    const at = comments.findIndex((one) => one.id === id);
    if (at !== -1) comments.splice(at, 1);
    record({ type: "comment.removed", actor: "user", data: { commentId: CommentId.parse(id) } });
    count();
    return { status: 204, body: "", mediaType: "text/plain" };
  }

  function send(body: unknown): FakeAnswer {
    const { message = "", commentIds } = SendCommentsBody.parse(body);
    const drafts = comments.filter((comment) =>
      commentIds ? commentIds.includes(comment.id) : sendableOf(comment) === "next",
    );
    if (drafts.length === 0) return refusal(409, "comment.nothing-to-send", "There is no comment to send.");
    const lines = drafts.map(({ anchor, text }, at) => `C${at + 1} \`${anchor.path}\`:${anchor.lines.start}\n${text}`);
    const prompt = takePrompt([message, ...lines].filter(Boolean).join("\n\n"));
    for (const draft of drafts)
      Object.assign(draft, { status: "sent", promptId: prompt.id, sentAt: new Date().toISOString() });
    record({
      type: "comment.sent",
      actor: "user",
      promptId: prompt.id,
      data: {
        commentIds: drafts.map(({ id }) => id),
        review: {
          ...(message && { message }),
          comments: drafts.map(({ anchor: { path, side, lines }, text }) => ({
            ...{ path, side, lines, text, outdated: false },
          })),
        },
      },
    });
    count();
    return { status: 202, body: { prompt, comments: drafts } };
  }

  function discard(body: unknown): FakeAnswer {
    const { from, files: named } = DiscardBody.parse(body);
    const paths = named.map(({ path }) => path);
    if (from !== "base") return restore(from, paths);
    files = files.filter(({ path }) => !paths.includes(path));
    return { status: 200, body: { session, checkpoint: null } };
  }

  /** Files are as they were at a checkpoint: which contents that are is not kept here. */
  function restore(from: CheckpointId, paths: string[]): FakeAnswer {
    const [then, last] = [checkpoints.find(({ id }) => id === from), checkpoints.at(-1)];
    if (!then || !last || then === last) return refusal(404, "file.not-found", "The file is not changed.");
    const { id: checkpointId, commit, changes: counts } = last;
    const where = { checkpointId, commit, previousCheckpointId: checkpointId, generation: 1, conversation: false };
    record({ type: "work.restored", actor: "user", data: { reason: "discard", ...where, ...counts, paths } });
    return { status: 200, body: { session, checkpoint: last } };
  }

  function sendableOf({ status, promptId }: ReviewComment): ReviewComment["sendable"] {
    if (status !== "draft" && status !== "sent") return undefined;
    const end = promptId && ends.get(promptId);
    if (!promptId || end === "prompt.cancelled") return "next";
    return end ? "again" : undefined;
  }

  function observe(event: SessionEvent): void {
    if (/^prompt\.(completed|failed|interrupted|cancelled)$/.test(event.type) && event.promptId) {
      ends.set(event.promptId, event.type);
    }
    if (event.type === "checkpoint.created") {
      const { checkpointId: id, commit, files: count, additions, deletions } = event.data;
      checkpoints.push({
        id,
        sessionId: session.id,
        origin: "turn",
        turnId: event.turnId ?? null,
        promptId: event.promptId ?? null,
        parentId: checkpoints.at(-1)?.id ?? null,
        commit,
        changes: { files: count, additions, deletions },
        createdAt: event.at,
      });
    }
    const last = checkpoints.at(-1);
    // Later: a turn without pauses ends before its prompt has been answered for.
    if (event.type === "prompt.completed" && event.promptId && last) setImmediate(dealWith, event.promptId, last.id);
  }

  /** The agent changed the lines of the first comment and answered the others. */
  function dealWith(promptId: PromptId, checkpointId: CheckpointId): void {
    const dealt = comments.filter((comment) => comment.promptId === promptId && comment.status === "sent");
    dealt.forEach((comment, at) => {
      const { start } = comment.anchor.lines;
      const [quote = ""] = comment.anchor.quote.split("\n");
      const status = at === 0 ? "addressed" : "answered";
      const hunk =
        at === 0 ? `@@ -${start},1 +${start},1 @@\n-${quote}\n+${quote.replace(/\d+/, "config.rateLimit")}` : null;
      const answer =
        at === 0 ? null : "They share one address behind a proxy: without a key there is nothing better to count by.";
      const outcome = { checkpointId, promptId, hunk, answer };
      Object.assign(comment, {
        status,
        outcome,
        closedAt: new Date().toISOString(),
        ...(hunk ? { current: null } : {}),
      });
      record({ type: "comment.resolved", actor: "server", data: { commentId: comment.id, status, outcome } });
    });
    if (dealt.length > 0) count();
  }

  function count(): void {
    show({ openComments: comments.filter(({ status }) => status === "draft" || status === "sent").length });
  }

  function answer({ method, url, body }: { method: string; url: URL; body: unknown }): FakeAnswer | undefined {
    const rest = url.pathname.replace(`/api/sessions/${session.id}/`, "");
    const path = url.searchParams.get("path") ?? "";
    const file = files.find((one) => one.path === path || one.oldPath === path);
    const [room, id = ""] = rest.split("/");
    switch (`${method} ${room}`) {
      case "GET checkpoints":
        return {
          status: 200,
          body: { checkpoints },
        };
      case "GET changes":
        return { status: 200, body: changes(url.searchParams.get("to") ?? "head") };
      case "GET diff": {
        if (!file) return refusal(404, "file.not-found", "There is no such file.");
        const flags = url.searchParams.get("whitespace") === "ignore" ? ["-w"] : [];
        return { status: 200, body: patchOf(file, flags), mediaType: "text/plain" };
      }
      case "GET content": {
        const content = url.searchParams.get("at") === "base" ? file?.before : file?.after;
        if (content === undefined || content === null) return refusal(404, "file.not-found", "There is no such file.");
        return { status: 200, body: content, mediaType: path.endsWith(".svg") ? "image/svg+xml" : "text/plain" };
      }
      case "PUT viewed": {
        const mark = MarkViewedBody.parse(body);
        if (mark.viewed) viewed.add(mark.path);
        else viewed.delete(mark.path);
        return { status: 204, body: "", mediaType: "text/plain" };
      }
      case "GET comments":
        return { status: 200, body: { comments: comments.map((one) => ({ ...one, sendable: sendableOf(one) })) } };
      case "POST comments":
        return id === "send" ? send(body) : add(body);
      case "PATCH comments":
        return update(id, body);
      case "DELETE comments":
        return remove(id);
      case "POST discard":
        return discard(body);
      default:
        return undefined;
    }
  }

  return { answer, observe, close: () => rmSync(directory, { recursive: true, force: true }) };
}

function refusal(status: number, code: string, message: string): FakeAnswer {
  return { status, body: { error: { code, message } } };
}

function describe(file: CannedFile, viewed: boolean): ChangedFile {
  const { path, oldPath, before, after, executedBy = null, kind = "file" } = file;
  const binary = Buffer.isBuffer(before) || Buffer.isBuffer(after);
  const [old, now] = [linesOf(before), linesOf(after)];
  const kept = new Set(old);
  const same = now.filter((line) => kept.has(line)).length;
  return ChangedFile.parse({
    path,
    ...(oldPath ? { oldPath } : {}),
    ...(file.oldMode ? { oldMode: file.oldMode, newMode: file.newMode } : {}),
    status: before === null ? "added" : after === null ? "deleted" : oldPath ? "renamed" : "modified",
    kind,
    oldBlob: blobOf(before),
    newBlob: blobOf(after),
    viewed,
    executedBy,
    additions: binary ? 0 : Math.max(0, now.length - same),
    deletions: binary ? 0 : Math.max(0, old.length - same),
    binary,
  });
}

function linesOf(content: string | Buffer | null): string[] {
  return content === null || Buffer.isBuffer(content) || content === "" ? [] : content.replace(/\n$/, "").split("\n");
}

function blobOf(content: string | Buffer | null): string | null {
  return content === null ? null : createHash("sha1").update(content).digest("hex");
}
