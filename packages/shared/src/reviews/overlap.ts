import { z } from "zod";
import { SessionId } from "../ids.ts";
import { LineRange } from "./comment.ts";

/** Another live session of the repository that touches the same lines. */
export const Overlap = z.object({
  sessionId: SessionId,
  title: z.string(),
  branch: z.string(),
  files: z.array(
    z.object({
      path: z.string(),
      /** A merge of the two stops at this file. */
      conflicts: z.boolean(),
      /** Lines of this session's file that both changed, where they can be told. */
      lines: z.array(LineRange),
    }),
  ),
});
export type Overlap = z.infer<typeof Overlap>;
