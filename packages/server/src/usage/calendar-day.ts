/** The calendar day of a moment on this machine, `2026-11-23`: what "today" means to a budget. */
export function calendarDay(at: Date): string {
  const two = (value: number) => String(value).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

/** The moment that the calendar day of `at` began on this machine. */
export function startOfDay(at: Date): Date {
  return new Date(at.getFullYear(), at.getMonth(), at.getDate());
}

/** Pure: a span of time by the calendar days it lies in, oldest first; nothing where it does not run forward. */
export function splitByDay(from: Date, to: Date): { at: Date; ms: number }[] {
  const parts: { at: Date; ms: number }[] = [];
  for (let at = from; at < to;) {
    const next = new Date(at.getFullYear(), at.getMonth(), at.getDate() + 1);
    const until = next < to ? next : to;
    parts.push({ at, ms: until.getTime() - at.getTime() });
    at = until;
  }
  return parts;
}
