import { ReportBody } from "@background-agents/shared/protocol/supervisor-frames";

const MESSAGE_LIMIT = 4000;

/**
 * A report the server can take. One of the wrong shape would be refused, sent again after the next welcome and refused
 * for ever, and stop all that stand behind it: a notice goes in its place. Pure.
 */
export function fitReport(body: ReportBody): ReportBody {
  const short = body.kind === "notice" ? { ...body, message: body.message.slice(0, MESSAGE_LIMIT) } : body;
  if (ReportBody.safeParse(short).success) return short;
  const message = `Something the sandbox had to tell (${body.kind}) did not fit and was left out.`;
  return { kind: "notice", level: "warning", code: "report.left-out", message };
}
