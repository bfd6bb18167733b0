import { newId } from "@background-agents/shared/ids";
import { describe, expect, it } from "vitest";
import { createBlockedReports, type BlockedReport } from "./blocked-reports.ts";

describe("createBlockedReports", () => {
  it("reports once a minute for each session, host and port", () => {
    let now = 0;
    const reported: BlockedReport[] = [];
    const { report, forget } = createBlockedReports({
      clock: { now: () => new Date(now) },
      onBlocked: (each) => reported.push(each),
    });
    const [one, two] = [newId("session"), newId("session")];
    const blocked = { sessionId: one, host: "evil.example", port: 443, reason: "no", allowable: true };

    report(blocked);
    report(blocked);
    report({ ...blocked, port: 80 });
    report({ ...blocked, sessionId: two });
    expect(reported).toHaveLength(3);

    now = 59_999;
    report(blocked);
    expect(reported).toHaveLength(3);
    now = 60_000;
    report(blocked);
    expect(reported).toHaveLength(4);
    expect(reported.map(({ times }) => times)).toEqual([1, 1, 1, 3]);

    forget(one, "other.example");
    report(blocked);
    expect(reported).toHaveLength(4);
    forget(one, "evil.example");
    report(blocked);
    expect(reported).toHaveLength(5);
    forget(one);
    report({ ...blocked, port: 80 });
    expect(reported).toHaveLength(6);
  });

  it("does not let one session flood the log with ever new names, nor silence another", () => {
    const reported: BlockedReport[] = [];
    const { report } = createBlockedReports({
      clock: { now: () => new Date(0) },
      onBlocked: (each) => reported.push(each),
    });
    const [one, two] = [newId("session"), newId("session")];
    for (let index = 0; index < 1000; index += 1)
      report({ sessionId: one, host: `h${index}.example`, port: 443, reason: "", allowable: true });
    expect(reported).toHaveLength(50);
    report({ sessionId: two, host: "h.example", port: 443, reason: "", allowable: true });
    expect(reported).toHaveLength(51);
  });
});
