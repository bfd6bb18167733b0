import type { ChangedFile } from "@background-agents/shared/sessions/session";
import { useQuery } from "@tanstack/react-query";
import { History } from "lucide-react";
import { changesQuery } from "../../../api/review-queries.ts";
import { MenuItem } from "../../../ui/menu.tsx";
import { useReview } from "../review-context.tsx";
import type { Restoring } from "../use-restore-file.ts";

/** Brings the file back to how the step in view left it. */
export function RestoreItem({ file, restoring }: { file: ChangedFile; restoring: Restoring }) {
  const { sessionId, head, nameOf } = useReview();
  const { step, refusal, restore } = restoring;
  const since = useQuery({
    ...changesQuery(sessionId, { from: step, to: head ?? "head" }, ""),
    enabled: refusal === null,
  });
  const isAsThen = since.isSuccess && !since.data.files.some((later) => isSame(later, file.path));
  const name = nameOf(step);
  const why = refusal ?? (since.isPending ? "Comparing…" : isAsThen ? "The file is still as it was then." : null);
  return (
    <MenuItem
      icon={<History size={14} />}
      disabled={why !== null}
      detail={why ?? (file.status === "deleted" ? "Deletes it again. Can be undone" : "Can be undone")}
      onSelect={() => restore(file)}
    >
      {name.startsWith("turn") ? `Restore as of ${name}` : "Restore this version"}
    </MenuItem>
  );
}

/** Whether it is this file, or was until it got another name. */
function isSame({ path, oldPath, status }: ChangedFile, former: string): boolean {
  return path === former || (status === "renamed" && oldPath === former);
}
