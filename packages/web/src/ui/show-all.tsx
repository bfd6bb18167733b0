/** The line under (or over) something folded to its first or last lines. */
export function ShowAll({ total, open, onToggle }: { total: number; open: boolean; onToggle: () => void }) {
  return (
    <button
      type="button"
      onClick={onToggle}
      aria-expanded={open}
      className="block w-full px-3 py-1 text-left text-xs text-ink-3 transition-colors duration-120 hover:text-ink"
    >
      {open ? "Show less" : `Show all ${total.toLocaleString("en")} lines`}
    </button>
  );
}
