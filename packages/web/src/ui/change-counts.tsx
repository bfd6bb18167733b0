/** `+42 −7`. */
export function ChangeCounts({ additions, deletions }: { additions: number; deletions: number }) {
  return (
    <span className="inline-flex gap-1.5 whitespace-nowrap">
      <span className="text-good">+{additions}</span>
      <span className="text-fail">−{deletions}</span>
    </span>
  );
}
