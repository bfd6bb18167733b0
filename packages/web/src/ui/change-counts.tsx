/** `+42 −7`; a side with nothing is left out. */
export function ChangeCounts({ additions, deletions }: { additions: number; deletions: number }) {
  return (
    <span className="inline-flex gap-1.5 whitespace-nowrap">
      {(additions > 0 || deletions === 0) && <span className="text-good">+{additions.toLocaleString("en")}</span>}
      {deletions > 0 && <span className="text-fail">−{deletions.toLocaleString("en")}</span>}
    </span>
  );
}
