/** The calendar day of a moment on this machine, `2026-11-23`: what "today" means to a budget. */
export function calendarDay(at: Date): string {
  const two = (value: number) => String(value).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}
