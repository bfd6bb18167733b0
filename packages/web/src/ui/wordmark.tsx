export function Wordmark() {
  return (
    <span className="flex items-center gap-2 font-semibold tracking-[-0.01em]">
      <svg viewBox="0 0 16 16" width={16} height={16} aria-hidden>
        <rect width="16" height="16" rx="5" className="fill-ink" />
        <circle cx="8" cy="8" r="3" className="fill-paper" />
      </svg>
      Background Agents
    </span>
  );
}
