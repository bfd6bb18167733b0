/** Pure: why a host was refused, where its name stands beside it already. */
export function refusalReason({ host, reason }: { host: string; reason: string }): string {
  return reason.startsWith(`${host} `) ? `it${reason.slice(host.length)}` : reason;
}
